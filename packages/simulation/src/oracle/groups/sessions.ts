import type { Exchange, Seen, Timed } from '../../history/history.js'
import { Calm } from '../calm.js'
import type { Check, Report } from '../check.js'

const NONE = 0
const UNKNOWN_MEMBER_ID = 25
/** Answers that only members get: none, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS. */
const ofMembers = new Set([NONE, 22, 27])

/** Time that an answer may be under way inside of the broker, in milliseconds. */
const earlyMs = 100
const lateMs = 1_000

interface Session {
  readonly sessionTimeoutMs: number
  /** Its last request or answer, whatever it was. */
  heardAt: number
  /** When a heartbeat of it was last well; undefined until it has an assignment. */
  wellAt: number | undefined
  /** Requests that wait for others. */
  readonly waiting: Set<Exchange>
}

/** Invariant 7: a silent member is out within its session timeout and a second, and never before, whatever the clocks say. */
export class Sessions implements Check {
  readonly #report: Report
  readonly #calm = new Calm()
  /** By group and member id. */
  readonly #sessions = new Map<string, Session>()
  /** By group: the shortest time in which a member that does not join again may be given up. */
  readonly #rebalanceTimeouts = new Map<string, number>()

  /** An operator resets offsets, or nobody knows whether he still does. */
  #resetting = false

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (this.#calm.isDisturbedBy(event)) this.#sessions.clear()
    // Whoever does not hand over is put out, whenever that is.
    if (event.kind === 'reset') this.#resetting = event.step === 'asked' || event.step === 'lost'
    if (event.kind === 'reset') this.#sessions.clear()
    if (event.kind !== 'request' && event.kind !== 'answer') return
    const { exchange } = event
    switch (exchange.api.name) {
      case 'JoinGroup':
        this.#seeJoin(exchange, event)
        return
      case 'SyncGroup':
        this.#seeSync(exchange, event)
        return
      case 'LeaveGroup':
        this.#seeLeave(exchange)
        return
      case 'Heartbeat':
        if (event.kind === 'answer') this.#seeHeartbeat(exchange, event.at)
        return
      case 'OffsetCommit':
        if (event.kind === 'answer') this.#hear(exchange, event.at)
    }
  }

  #seeJoin(exchange: Exchange, { kind, at }: Timed<Seen>): void {
    const { request, response } = exchange
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs } = request
    const shortest = this.#rebalanceTimeouts.get(groupId) ?? Number.POSITIVE_INFINITY
    this.#rebalanceTimeouts.set(groupId, Math.min(shortest, rebalanceTimeoutMs))
    const known = this.#sessions.get(keyOf(groupId, request.memberId))
    if (known) {
      known.heardAt = at
      known.wellAt = undefined
      if (kind === 'request') known.waiting.add(exchange)
      else known.waiting.delete(exchange)
    }
    if (kind !== 'answer' || response.errorCode !== NONE || !this.#calm.isOver(at)) return
    const session = { sessionTimeoutMs, heardAt: at, wellAt: undefined, waiting: new Set<Exchange>() }
    this.#sessions.set(keyOf(groupId, response.memberId), session)
  }

  /** With an instance id alone it may be anybody. */
  #seeLeave({ request }: Exchange): void {
    for (const { memberId } of request.members) {
      if (memberId !== '') this.#forget(request.groupId, memberId)
      else
        for (const key of this.#sessions.keys()) if (key.startsWith(`${request.groupId} `)) this.#sessions.delete(key)
    }
  }

  #seeSync(exchange: Exchange, { kind, at }: Timed<Seen>): void {
    const session = this.#sessions.get(keyOf(exchange.request.groupId, exchange.request.memberId))
    if (!session) return
    session.heardAt = at
    if (kind === 'request') session.waiting.add(exchange)
    else session.waiting.delete(exchange)
    if (kind === 'answer' && exchange.response.errorCode === NONE) session.wellAt = at
  }

  #seeHeartbeat(exchange: Exchange, at: number): void {
    const { request, response } = exchange
    const session = this.#sessions.get(keyOf(request.groupId, request.memberId))
    if (!session) return
    const silentMs = at - session.heardAt
    if (response.errorCode === UNKNOWN_MEMBER_ID) this.#seeExpired(exchange, session, at)
    else if (
      ofMembers.has(response.errorCode) &&
      session.waiting.size === 0 &&
      silentMs > session.sessionTimeoutMs + lateMs
    )
      this.#report('7', `${request.memberId} was silent for ${silentMs.toFixed(0)} ms and is still a member`)
    session.heardAt = at
    if (session.wellAt !== undefined && response.errorCode === NONE) session.wellAt = at
  }

  #seeExpired({ request }: Exchange, { wellAt, sessionTimeoutMs }: Session, at: number): void {
    const { groupId, memberId } = request
    this.#forget(groupId, memberId)
    if (wellAt === undefined || this.#resetting) return
    const patienceMs = Math.min(sessionTimeoutMs, this.#rebalanceTimeouts.get(groupId) ?? sessionTimeoutMs)
    if (at - wellAt >= patienceMs - earlyMs) return
    const silence = `${(at - wellAt).toFixed(0)} ms`
    this.#report('7', `${memberId} is given up after ${silence}, its session lasts ${sessionTimeoutMs} ms`)
  }

  #hear({ request }: Exchange, at: number): void {
    const session = this.#sessions.get(keyOf(request.groupId, request.memberId))
    if (session) session.heardAt = at
  }

  #forget(groupId: string, memberId: string): void {
    this.#sessions.delete(keyOf(groupId, memberId))
  }
}

function keyOf(groupId: string, memberId: string): string {
  return `${groupId} ${memberId}`
}
