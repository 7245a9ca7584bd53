import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { MemberPlan, Plan } from '../../plan/plan.js'
import { Calm } from '../calm.js'
import type { Check, Report } from '../check.js'

/** Time that a call of poll may take, and to notice, in milliseconds. */
const graceMs = 400

/** Invariant 7 for members that are alive and do not poll: their heartbeats end with max.poll.interval.ms. */
export class IdleMembers implements Check {
  readonly #report: Report
  readonly #calm = new Calm()
  readonly #longest: ReadonlyMap<string, number>
  readonly #polledAt = new Map<string, number>()
  /** Heartbeats of a host since it is overdue: one may be under way when it notices. */
  readonly #late = new Map<string, number>()

  constructor(report: Report, plan: Plan) {
    const members = plan.actors.filter((actor): actor is MemberPlan => actor.kind === 'member')
    this.#report = report
    this.#longest = new Map(members.map(({ name, maxPollIntervalMs }) => [name, maxPollIntervalMs]))
  }

  see(event: Timed<Seen>): void {
    if (this.#calm.isDisturbedBy(event)) this.#polledAt.clear()
    if (event.kind === 'polls' && this.#calm.isOver(event.at)) this.#polledAt.set(event.member.host, event.at)
    if (event.kind === 'polls') this.#late.delete(event.member.host)
    if (event.kind === 'gone') this.#polledAt.delete(event.host)
    if (event.kind === 'answer' && event.exchange.api.name === 'Heartbeat') this.#seeHeartbeat(event.exchange, event.at)
  }

  #seeHeartbeat({ host, response }: Exchange, at: number): void {
    const polledAt = this.#polledAt.get(host)
    if (polledAt === undefined || response.errorCode !== 0) return
    const idleMs = at - polledAt
    if (idleMs < (this.#longest.get(host) ?? Number.POSITIVE_INFINITY) + graceMs) return
    const count = (this.#late.get(host) ?? 0) + 1
    this.#late.set(host, count)
    if (count > 1) this.#report('7', `${host} did not poll for ${idleMs.toFixed(0)} ms and is still a member`)
  }
}
