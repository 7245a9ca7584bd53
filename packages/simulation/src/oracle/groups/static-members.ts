import type { Exchange, MemberLife, Seen, Timed } from '../../history/history.js'
import type { Plan } from '../../plan/plan.js'
import { type Check, isUndecided, type Report } from '../check.js'

/**
 * Invariants 10 and 11, as far as members see to them: a static member that ends is expected back and does not leave
 * (KIP-345), and one whose instance id nobody else has is never told that another took it.
 */
export class StaticMembers implements Check {
  readonly #report: Report
  readonly #plan: Plan
  /** Member ids of static members. */
  readonly #static = new Set<string>()
  /** JoinGroups without member id that were never answered: they may take a place at any time. */
  readonly #open = new Set<Exchange>()
  /** Instance ids with a JoinGroup that failed half-way. */
  readonly #undecided = new Set<string>()
  /** By host: the present life of its process, and when it began. */
  readonly #lives = new Map<string, { life: number; since: number }>()

  constructor(report: Report, plan: Plan) {
    this.#report = report
    this.#plan = plan
  }

  see(event: Timed<Seen>): void {
    switch (event.kind) {
      case 'request':
        if (event.exchange.api.name === 'JoinGroup' && isBlind(event.exchange)) this.#open.add(event.exchange)
        if (event.exchange.api.name === 'LeaveGroup') this.#seeLeave(event.exchange)
        return
      case 'answer':
        this.#seeAnswer(event.exchange)
        if (event.exchange.api.name === 'JoinGroup') this.#seeJoined(event.exchange)
        return
      case 'polls':
        if (this.#lives.get(event.member.host)?.life !== event.member.life)
          this.#lives.set(event.member.host, { life: event.member.life, since: event.at })
        return
      case 'fenced':
        this.#seeFenced(event.member)
    }
  }

  /** What may be stored in spite of its answer, the member cannot know either: as if it were of a life before. */
  #seeAnswer(exchange: Exchange): void {
    if (!this.#open.has(exchange)) return
    if (isUndecided(exchange.response.errorCode)) this.#undecided.add(exchange.request.groupInstanceId)
    else this.#open.delete(exchange)
  }

  #seeJoined({ request, response }: Exchange): void {
    if (request.groupInstanceId !== null && response.errorCode === 0) this.#static.add(response.memberId)
  }

  #seeLeave({ request }: Exchange): void {
    for (const { memberId } of request.members) {
      if (this.#static.has(memberId)) this.#report('10', `static member ${memberId} leaves its group`)
    }
  }

  #seeFenced({ host, instanceId }: MemberLife): void {
    const namesakes = this.#plan.actors.filter((actor) => 'instanceId' in actor && actor.instanceId === instanceId)
    if (instanceId === undefined || namesakes.length > 1 || this.#undecided.has(instanceId)) return
    // The process before may have left a JoinGroup on the way, of which this one cannot know.
    const since = this.#lives.get(host)?.since ?? 0
    for (const { request, sentAt } of this.#open) if (request.groupInstanceId === instanceId && sentAt < since) return
    this.#report('11', `${host} is told that another took ${instanceId}, which nobody else has`)
  }
}

function isBlind({ request }: Exchange): boolean {
  return request.groupInstanceId !== null && request.memberId === ''
}
