import { Departures } from './departures.js'
import { HandOverSums } from './hand-overs.js'
import { keepNewest } from './keep-newest.js'
import { MemberPulse } from './member-pulse.js'
import { RefusedCommits } from './refused-commits.js'
import { Tally } from './tally.js'

/** Another process took the place of a static member. */
export interface Replaced {
  /** Wall milliseconds. */
  readonly at: number
  readonly groupInstanceId: string
  readonly fromHost: string
  readonly toHost: string
}

const mostReplaced = 50
const fencedMs = 600_000

/** How one group went since this process knows it. All of it is bounded, and nothing of it is durable. */
export class GroupHistory {
  readonly departures = new Departures()
  readonly refused = new RefusedCommits()
  readonly handOvers = new HandOverSums()
  readonly replaced: Replaced[] = []
  /** Requests of processes whose place another one has taken. */
  readonly fenced = new Tally(fencedMs)
  readonly #pulses = new Map<string, MemberPulse>()

  /** `since`: wall milliseconds. */
  constructor(readonly since: number) {}

  pulseOf(memberId: string): MemberPulse | undefined {
    return this.#pulses.get(memberId)
  }

  /** Of a member that is there; `forget` it when it goes. */
  pulse(memberId: string, now: number): MemberPulse {
    let pulse = this.#pulses.get(memberId)
    if (!pulse) {
      pulse = new MemberPulse(now)
      this.#pulses.set(memberId, pulse)
    }
    return pulse
  }

  forget(memberId: string): void {
    this.#pulses.delete(memberId)
  }

  tookPlace(replaced: Replaced): void {
    keepNewest(this.replaced, mostReplaced, replaced)
  }

  /** Within the last minute; time is monotonic. */
  commitsPerSecond(now: number): number {
    let sum = 0
    for (const pulse of this.#pulses.values()) sum += pulse.commitsPerSecond(now)
    return sum
  }
}
