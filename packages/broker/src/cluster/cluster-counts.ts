import { Buckets } from '../buckets.js'
import type { MoveReason } from './placement/plan-moves.js'

/** A partition that went to another leader. */
export interface MadeMove {
  /** ms since 1970. */
  readonly at: number
  readonly topic: string
  readonly partition: number
  /** Null: nobody had led it. */
  readonly from: number | null
  readonly to: number
  readonly why: MoveReason
  /** How long requests waited at the broker that gave it away, until another one led it; null: that was dead. */
  readonly pauseMs: number | null
}

/** So many of the last moves are known. */
const MOST_MOVES = 1_000
const secondsOfMoves = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What has happened to this broker's part in its cluster since the start. */
export class ClusterCounts {
  /** Lives that ended because the others did not hear of this broker, or the database was another one. Only goes up. */
  leasesLost = 0
  readonly #counts = new Map<MoveReason, number>()
  readonly #lastMoves: MadeMove[] = []
  /** How long partitions that this broker gave away were served by nobody, until another one led them. */
  readonly handOverSeconds = new Buckets(secondsOfMoves)
  /** How long it took from when this broker knew that it leads a partition until it was served. */
  readonly openSeconds = new Buckets(secondsOfMoves)

  /** Partitions that went to another leader, by why: those that this broker gave away, and those of dead ones that it gave to others. */
  get moves(): ReadonlyMap<MoveReason, number> {
    return this.#counts
  }

  /** The last 1,000 of them, the newest last. */
  get lastMoves(): readonly MadeMove[] {
    return this.#lastMoves
  }

  moved(move: MadeMove): void {
    this.#counts.set(move.why, (this.#counts.get(move.why) ?? 0) + 1)
    if (move.pauseMs !== null) this.handOverSeconds.add(move.pauseMs / 1_000)
    this.#lastMoves.push(move)
    if (this.#lastMoves.length > MOST_MOVES) this.#lastMoves.shift()
  }
}
