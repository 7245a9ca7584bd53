import type { MoveReason } from './placement/plan-moves.js'

/** What has happened to this broker's part in its cluster since the start. All only go up. */
export class ClusterCounts {
  /** Lives that ended because the others did not hear of this broker, or the database was another one. */
  leasesLost = 0
  /** Partitions that went to another leader, by why: those that this broker gave away, and those of dead ones that it gave to others. */
  readonly moves = new Map<MoveReason, number>()

  moved(why: MoveReason, count = 1): void {
    if (count > 0) this.moves.set(why, (this.moves.get(why) ?? 0) + count)
  }
}
