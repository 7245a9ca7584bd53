import { statuses } from '@rivven/groups'
import { durationText } from '../text/durations.js'
import type { Column, Row } from '../text/output.js'
import { lagColumns, type PartitionLag } from './group-offsets.js'

/** Where a group stands in one partition, with all that Rivven says of it; of Apache Kafka most is not known. */
export interface LagRow extends PartitionLag {
  logStartOffset: number | null
  waiting: boolean | null
  lagSeconds: number | null
  basis: string | null
  exact: boolean | null
  lost: number | null
  heldBackSeconds: number | null
  consumedPerSecond: number | null
  producedPerSecond: number | null
  catchUpSeconds: number | null
  eta: string | null
  status: string | null
  reason: string | null
  owner: string | null
  pending: boolean | null
}

/** Not known of Apache Kafka. */
export const notKnown = {
  ...{ logStartOffset: null, waiting: null, lagSeconds: null, basis: null, exact: null, lost: null },
  ...{ heldBackSeconds: null, consumedPerSecond: null, producedPerSecond: null, catchUpSeconds: null, eta: null },
  ...{ status: null, reason: null, owner: null, pending: null },
} satisfies Partial<LagRow>

export const secondsColumns: readonly Column[] = [...lagColumns, { field: 'lagSeconds', title: 'LAG-SECONDS' }]

export const wideColumns: readonly Column[] = [
  ...secondsColumns,
  { field: 'catchUp', title: 'CATCH-UP' },
  { field: 'standing', title: 'STATUS' },
  { field: 'owner', title: 'OWNER' },
]

/** For programs. */
export const fieldColumns: readonly Column[] = [...lagColumns.map(({ field }) => field), ...Object.keys(notKnown)].map(
  (field) => ({ field, title: field }),
)

/** As a table shows it: a word for what is more than a number. */
export function shown(row: LagRow): Row {
  const { status, reason } = row
  return { ...row, catchUp: catchUpText(row), standing: reason === null ? status : `${status} (${reason})` }
}

/** Of all partitions: the sum of records, the most of seconds, the worst of all else. */
export function totalOf(rows: readonly LagRow[]): Row {
  const lags = rows.flatMap(({ lag }) => (lag === null ? [] : [Math.max(0, lag)]))
  const latest = rows.reduce<LagRow | undefined>((one, row) => (one && delay(one) >= delay(row) ? one : row), undefined)
  return {
    topic: 'TOTAL',
    lag: lags.reduce((sum, lag) => sum + lag, 0),
    lagSeconds: most(rows.map(({ lagSeconds }) => lagSeconds)),
    catchUp: latest ? catchUpText(latest) : null,
    standing: statuses.findLast((status) => rows.some((row) => row.status === status)) ?? null,
  }
}

/** `about 4 min`, `now`, or why never; null: not known. */
export function catchUpText({ catchUpSeconds, eta }: Pick<LagRow, 'catchUpSeconds' | 'eta'>): string | null {
  if (catchUpSeconds === null) return eta
  return catchUpSeconds === 0 ? 'now' : `about ${durationText(catchUpSeconds * 1_000)}`
}

function delay({ catchUpSeconds, eta }: LagRow): number {
  if (catchUpSeconds !== null) return catchUpSeconds
  return eta === null ? -1 : Number.POSITIVE_INFINITY
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((one, other) => Math.max(one, other))
}
