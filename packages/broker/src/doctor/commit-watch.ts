import type { CommitLoadFact } from '@rivven/doctor'
import type { Group } from '@rivven/groups'
import type { Clock } from '@rivven/runtime'
import type { GroupHistories } from '../coordinator/history/group-histories.js'

export interface CommitWatchOptions {
  readonly clock: Clock
  readonly histories: GroupHistories
  groups(): Iterable<Group>
}

const keptMs = 300_000
const mostTop = 5
/** It is not worth a look at all groups who commits most of little. */
const littlePerSecond = 100

interface Sample {
  /** Monotonic. */
  readonly at: number
  readonly perSecond: number
}

/** How many commits all groups together make, over the last five minutes. */
export class CommitWatch {
  readonly #options: CommitWatchOptions
  readonly #startedAt: number
  #samples: Sample[] = []
  #lastAt: number
  #lastCommits: number

  constructor(options: CommitWatchOptions) {
    this.#options = options
    this.#startedAt = options.clock.monotonic()
    this.#lastAt = this.#startedAt
    this.#lastCommits = options.histories.commits
  }

  /** To be called every ten seconds. */
  sample(): void {
    const { clock, histories } = this.#options
    const at = clock.monotonic()
    const seconds = (at - this.#lastAt) / 1_000
    if (seconds <= 0) return
    this.#samples.push({ at, perSecond: (histories.commits - this.#lastCommits) / seconds })
    this.#samples = this.#samples.filter((sample) => at - sample.at < keptMs)
    this.#lastAt = at
    this.#lastCommits = histories.commits
  }

  fact(): CommitLoadFact {
    const now = this.#options.clock.monotonic()
    if (now - this.#startedAt < keptMs || this.#samples.length === 0) return { leastPerSecond: null, top: [] }
    const leastPerSecond = Math.round(Math.min(...this.#samples.map(({ perSecond }) => perSecond)))
    return { leastPerSecond, top: leastPerSecond < littlePerSecond ? [] : this.#top(now) }
  }

  #top(now: number): CommitLoadFact['top'] {
    const { histories, groups } = this.#options
    const rates = Array.from(groups(), (group) => ({
      group: group.groupId,
      perSecond: Math.round(histories.of(group)?.commitsPerSecond(now) ?? 0),
    }))
    return rates.sort((one, other) => other.perSecond - one.perSecond).slice(0, mostTop)
  }
}
