import type { ApiAnswers } from '@rivven/broker'

/** What is added up to a row. */
export type By = 'partition' | 'member' | 'topic'

export interface LagSum {
  /** Of the partition, the member (null: nobody) or the topic. */
  readonly name: string | null
  readonly partitions: number
  readonly lag: number
  /** Of the partition that is behind most; null: of none it is known. */
  readonly lagSeconds: number | null
  readonly producedPerSecond: number
  readonly consumedPerSecond: number
  /** Of the lag of the whole group, 0 to 1. */
  readonly share: number
}

const nameOf: Readonly<Record<By, (row: ApiAnswers.LagRow) => string | null>> = {
  partition: ({ topic, partition }) => `${topic}/${partition}`,
  member: ({ owner }) => owner,
  topic: ({ topic }) => topic,
}

/** Lag added up, the largest first. What is beyond the end of one partition makes up for nothing in another. */
export function lagSums(rows: readonly ApiAnswers.LagRow[], by: By): LagSum[] {
  const groups = new Map<string | null, ApiAnswers.LagRow[]>()
  for (const row of rows) {
    const name = nameOf[by](row)
    const known = groups.get(name)
    if (known) known.push(row)
    else groups.set(name, [row])
  }
  const total = lagOf(rows)
  return [...groups].map(([name, own]) => sumOf(name, own, total)).sort((a, b) => b.lag - a.lag)
}

export function lagOf(rows: readonly ApiAnswers.LagRow[]): number {
  return rows.reduce((sum, { lag }) => sum + Math.max(0, lag ?? 0), 0)
}

function sumOf(name: string | null, rows: readonly ApiAnswers.LagRow[], total: number): LagSum {
  const lag = lagOf(rows)
  const known = rows.flatMap(({ lagSeconds }) => lagSeconds ?? [])
  return {
    ...{ name, lag, partitions: rows.length, share: total === 0 ? 0 : lag / total },
    lagSeconds: known.length === 0 ? null : Math.max(...known),
    producedPerSecond: rows.reduce((sum, { producedPerSecond }) => sum + (producedPerSecond ?? 0), 0),
    consumedPerSecond: rows.reduce((sum, { consumedPerSecond }) => sum + (consumedPerSecond ?? 0), 0),
  }
}
