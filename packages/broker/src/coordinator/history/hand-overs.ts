import type { RebalanceCause } from '@rivven/groups'
import { keepNewest } from './keep-newest.js'

/** The first fetch of a partition by a member that got it from another one. */
export interface FirstFetch {
  readonly generation: number
  readonly cause: RebalanceCause
  /** Since the last fetch of the owner before. */
  readonly pauseMs: number
  /** Records that the owner before had got, and that are read again. */
  readonly readAgain: number
}

/** What came of the partitions that one rebalance has moved, as far as their new owners have begun to read. */
export interface HandOverSum {
  readonly generation: number
  /** Wall milliseconds, of the first of them. */
  readonly at: number
  readonly cause: RebalanceCause
  partitions: number
  readAgain: number
  partitionsReadAgain: number
  /** Of the first ones, in milliseconds. */
  readonly pauses: number[]
}

const mostKept = 50
const mostPauses = 100

/** How partitions of a group went from member to member, by rebalance, oldest first. */
export class HandOverSums {
  readonly #all: HandOverSum[] = []
  /** Records, since this process knows the group. */
  readAgain = 0

  get all(): readonly HandOverSum[] {
    return this.#all
  }

  add({ generation, cause, pauseMs, readAgain }: FirstFetch, wall: number): void {
    const sum = this.#sumOf(generation, cause, wall)
    sum.partitions += 1
    sum.readAgain += readAgain
    if (readAgain > 0) sum.partitionsReadAgain += 1
    if (sum.pauses.length < mostPauses) sum.pauses.push(Math.round(pauseMs))
    this.readAgain += readAgain
  }

  #sumOf(generation: number, cause: RebalanceCause, at: number): HandOverSum {
    const last = this.#all.findLast((sum) => sum.generation === generation)
    if (last) return last
    const sum = { generation, at, cause, partitions: 0, readAgain: 0, partitionsReadAgain: 0, pauses: [] }
    keepNewest(this.#all, mostKept, sum)
    return sum
  }
}
