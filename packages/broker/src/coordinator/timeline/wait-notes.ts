import { type Decision, type GroupShard, type GroupWait, type Now, waitOf } from '@rivven/groups'
import type { Clock, Timer } from '@rivven/runtime'
import type { GroupObserver } from '../groups/group-observer.js'

export interface WaitNotesOptions {
  readonly clock: Clock
  write(wait: GroupWait): void
}

/** A rebalance that lasts longer than this waits for somebody; it is told again as long as it does, in milliseconds. */
const firstAfterMs = 2_000
const againAfterMs = 5_000

/**
 * Tells for whom groups wait while they rebalance, and whose connection is gone without a rebalance: what a story tells only when
 * it is over.
 */
export class WaitNotes implements GroupObserver {
  readonly #options: WaitNotesOptions
  readonly #timers = new Map<string, Timer>()
  /** Groups of which it was last told that members have no connection. */
  readonly #lost = new Set<string>()

  constructor(options: WaitNotesOptions) {
    this.#options = options
  }

  decided({ notes }: Decision, shard: GroupShard): void {
    for (const { kind, groupId } of notes ?? []) {
      // A static member that is gone may be in the new generation, too.
      if (kind === 'started' || kind === 'stable') this.#watch(shard, groupId, firstAfterMs)
      else if (kind === 'emptied' || kind === 'interrupted' || kind === 'deleted') this.#forget(groupId)
      // Who loses connections all the time must not put it off.
      if (kind === 'disconnected' && !this.#timers.has(groupId)) this.#watch(shard, groupId, firstAfterMs)
      if (kind === 'deleted') this.#lost.delete(groupId)
    }
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  #watch(shard: GroupShard, groupId: string, delayMs: number): void {
    this.#forget(groupId)
    const timer = this.#options.clock.setTimer(delayMs, () => this.#look(shard, groupId))
    this.#timers.set(groupId, timer)
  }

  #look(shard: GroupShard, groupId: string): void {
    const group = shard.groups.get(groupId)
    const wasLost = this.#lost.delete(groupId)
    this.#forget(groupId)
    if (!group) return
    const { clock } = this.#options
    const now: Now = { wall: clock.now(), monotonic: clock.monotonic() }
    const wait = waitOf(group, now)
    if (wait) this.#options.write(wait)
    else if (wasLost) this.#options.write(nobodyLost(groupId, now.wall))
    if (wait?.phase === 'session') this.#lost.add(groupId)
    if (wait || group.state === 'PreparingRebalance' || group.state === 'CompletingRebalance')
      this.#watch(shard, groupId, againAfterMs)
  }

  #forget(groupId: string): void {
    this.#timers.get(groupId)?.cancel()
    this.#timers.delete(groupId)
  }
}

/** They are back, or their sessions have ended. */
function nobodyLost(groupId: string, at: number): GroupWait {
  return { kind: 'waiting', groupId, at, since: at, phase: 'session', awaited: [], awaitedCount: 0 }
}

const firstBytes = Buffer.from('{"kind":"waiting"')

export function encodeWait(wait: GroupWait): Buffer {
  return Buffer.from(JSON.stringify(wait))
}

/** Whether a record of `__rivven_rebalances` is such a note, and no story. */
export function isWait(value: Buffer): boolean {
  return value.subarray(0, firstBytes.length).equals(firstBytes)
}
