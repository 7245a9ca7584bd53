import type { Logger } from '@rivven/link'
import type { Clock, Random, Timer } from '@rivven/runtime'
import type { Awaited, WaitedFor } from './awaited-members.js'

export interface WaitWatchParts {
  readonly groupId: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Whom the group waits for, as far as the broker tells. */
  ask(): Promise<Awaited>
}

/** What a member waits for that cannot go on. */
export interface GroupWaiting {
  /** Since it began to join, in milliseconds. */
  readonly forMs: number
  /** Members that hold the rebalance up, or may do so; empty where that is not known, or an empty group waits for more. */
  readonly members: readonly WaitedFor[]
}

/** Rebalances take less; brokers wait 3 s for more members of a group that was empty. */
const noticeAfterMs = 5_000
const longestPauseMs = 60_000
const mostNamed = 5
const nobody: Awaited = { members: [], isCertain: true }

/**
 * Notices that joining takes long: then somebody does not come, often a member that was killed and is waited for until its
 * session ends. Says so, once for each set of members.
 */
export class WaitWatch {
  readonly #parts: WaitWatchParts
  #since: number | null = null
  #members: readonly WaitedFor[] = []
  /** Who was in the group when it was last asked. */
  #seen: ReadonlySet<string> = new Set()
  #told = ''
  #timer: Timer | null = null

  constructor(parts: WaitWatchParts) {
    this.#parts = parts
  }

  /** null: it does not wait, or not for long. */
  waiting(now: number): GroupWaiting | null {
    const forMs = this.#since === null ? 0 : now - this.#since
    return forMs < noticeAfterMs ? null : { forMs, members: this.#members }
  }

  /** Joining goes on. */
  start(): void {
    if (this.#since !== null) return
    this.#since = this.#parts.clock.monotonic()
    this.#lookAfter(noticeAfterMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#since = null
    this.#members = []
    this.#seen = new Set()
    this.#told = ''
  }

  /** Members of a large group do not all ask at once. */
  #lookAfter(delayMs: number): void {
    const { clock, random } = this.#parts
    this.#timer = clock.setTimer(delayMs * (1 + 0.5 * random.next()), () => void this.#look(delayMs))
  }

  async #look(delayMs: number): Promise<void> {
    const timer = this.#timer
    // Who does not answer is a trouble of its own.
    const awaited = await this.#parts.ask().catch(() => nobody)
    if (this.#timer !== timer) return
    this.#members = this.#blamed(awaited)
    this.#tell()
    this.#lookAfter(Math.min(delayMs * 2, longestPauseMs))
  }

  /**
   * Where the broker does not say for whom it waits, those are held for it who were there before, too: members that start
   * together on an empty group wait for each other's company, and for nobody.
   */
  #blamed({ members, isCertain }: Awaited): readonly WaitedFor[] {
    const seen = this.#seen
    this.#seen = new Set(members.map(({ memberId }) => memberId))
    return isCertain ? members : members.filter(({ memberId }) => seen.has(memberId))
  }

  #tell(): void {
    const { groupId, logger, clock } = this.#parts
    const names = this.#members.map(({ memberId }) => memberId).join()
    if (names === this.#told || this.#since === null) return
    this.#told = names
    const forMs = Math.round(clock.monotonic() - this.#since)
    const named = this.#members.slice(0, mostNamed).map((member) => waitText(member, clock.now()))
    const more = this.#members.length - named.length
    const who = `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
    const hint = 'A member that was killed is waited for until its session ends; one that calls close() leaves at once.'
    const text = `Group ${groupId} has been rebalancing for ${Math.round(forMs / 1000)} s and waits for ${who}. ${hint}`
    logger.warn(text, { group: groupId, forMs, waitsFor: this.#members.map(nameOf) })
  }
}

function waitText(member: WaitedFor, now: number): string {
  const { lastHeardAt, disconnectedAt, until } = member
  const host = member.clientHost.replace(/^\//, '')
  const heard = lastHeardAt === null ? '' : `, last heard of ${Math.round((now - lastHeardAt) / 1000)} s ago`
  // Brokers before said nothing of it.
  const lost = (disconnectedAt ?? null) === null ? '' : ', its connection has ended'
  const end = until === null ? '' : `, until ${new Date(until).toISOString().slice(11, 19)} UTC`
  return `${nameOf(member)}${host === '' ? '' : ` on ${host}`}${heard}${lost}${end}`
}

function nameOf({ groupInstanceId, clientId, memberId }: WaitedFor): string {
  const name = groupInstanceId ?? clientId
  const both = name === '' || name === memberId ? memberId : `${name} (${memberId})`
  // Others chose these names: they must not move the cursor of whoever reads the log.
  return both.replace(/\p{Cc}/gu, '?')
}
