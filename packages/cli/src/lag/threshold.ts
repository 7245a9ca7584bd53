import { InvalidArgumentError } from 'commander'
import { duration, durationText } from '../text/durations.js'
import { counted } from '../text/words.js'
import type { LagRow } from './lag-row.js'

/** How far behind is too far: in records, or in time. */
export type Threshold = { readonly records: number } | { readonly seconds: number }

/** `10000` records, or `30s`. */
export function threshold(word: string): Threshold {
  if (/^\d+$/.test(word)) return { records: Number(word) }
  try {
    return { seconds: duration(word) / 1_000 }
  } catch {
    throw new InvalidArgumentError('It is written as 10000 (records), or as 30s, 5m or 1h30m.')
  }
}

/** The partition that is furthest above; undefined: none is. */
export function furthestAbove(rows: readonly LagRow[], most: Threshold): LagRow | undefined {
  const isInTime = 'seconds' in most
  const behind = ({ lag, lagSeconds }: LagRow) => (isInTime ? lagSeconds : lag) ?? 0
  const limit = isInTime ? most.seconds : most.records
  const above = rows.filter((row) => behind(row) > limit)
  return above.sort((one, other) => behind(other) - behind(one))[0]
}

export function aboveText(groupId: string, { topic, partition, lag, lagSeconds }: LagRow, most: Threshold): string {
  const [is, may] =
    'seconds' in most
      ? [durationText((lagSeconds ?? 0) * 1_000), durationText(most.seconds * 1_000)]
      : [counted(lag ?? 0, 'record'), counted(most.records, 'record')]
  return `${groupId} is ${is} behind in ${topic}/${partition}, and may be ${may}.`
}
