import type { CatchUp, Status, VerdictReason } from '@rivven/groups'
import type { LagNumbers } from './lag-numbers.js'

/** One partition of a group, as `rivvenctl group lag`, HTTP and Admin tell of it (docs/monitoring.md). */
export interface LagRow extends Omit<LagNumbers, 'lag' | 'basis' | 'exact' | 'lost'>, CatchUp {
  readonly topic: string
  readonly partition: number
  /** Null: a member owns the partition, and the group has never committed there. */
  readonly currentOffset: number | null
  /** Null: another broker leads the partition. */
  readonly logStartOffset: number | null
  /** The high watermark. Null: nobody has said. */
  readonly logEndOffset: number | null
  readonly lag: number | null
  readonly basis: LagNumbers['basis'] | null
  readonly exact: boolean | null
  readonly lost: number | null
  /** Offsets a second, over the last minutes. Null: not sampled yet. */
  readonly consumedPerSecond: number | null
  readonly producedPerSecond: number | null
  /** Null: not sampled. */
  readonly status: Status | null
  readonly reason: VerdictReason | null
  /** Member id. */
  readonly owner: string | null
  /** An offset of an open transaction is to follow. */
  readonly pending: boolean
}

/** Of a partition that is owned, and in which nothing was committed. */
export function rowWithoutOffset(
  place: Pick<LagRow, 'topic' | 'partition' | 'owner' | 'pending' | 'logStartOffset' | 'logEndOffset'>,
): LagRow {
  return {
    ...place,
    ...{ currentOffset: null, lag: null, waiting: null, lagSeconds: null },
    ...{ basis: null, exact: null, lost: null, heldBackSeconds: null, consumedPerSecond: null },
    ...{ producedPerSecond: null, catchUpSeconds: null, eta: null, status: null, reason: null },
  }
}
