import type { ApiAnswers } from '@rivven/broker'
import type { Query } from '../../route/route.js'

type Given = Readonly<Record<string, string>>

/** As Kafka has them. */
export const states = ['Empty', 'Ongoing', 'PrepareCommit', 'PrepareAbort', 'CompleteCommit', 'CompleteAbort']

/** Whoever comes without a wish sees those that are open. */
export function chosenState({ state }: Given): string {
  return state ?? 'Ongoing'
}

/** What the API is asked for, of what stands in the address. `all` shows all states. */
export function askedOf(query: Given): Query {
  const { key, order } = sortedBy(query)
  const state = chosenState(query)
  return {
    ...{ search: query.search || undefined, state: state === 'all' ? undefined : state },
    ...{ sort: key, order, limit: 100, cursor: query.cursor || undefined },
  }
}

export function sortedBy({ sort = 'id', order }: Given): { key: string; order: 'asc' | 'desc' } {
  return { key: sort, order: order === 'desc' ? 'desc' : 'asc' }
}

type Transaction = Pick<ApiAnswers.TransactionRow, 'startedAt' | 'timeoutMs'>

/** Seconds since it began; null: none is open. */
export function ageOf({ startedAt }: Pick<Transaction, 'startedAt'>, now: number): number | null {
  return startedAt === null ? null : Math.max(0, Math.round((now - startedAt) / 1000))
}

/** Past its timeout the coordinator should have aborted it. */
export function isOverdue({ startedAt, timeoutMs }: Transaction, now: number): boolean {
  return startedAt !== null && now - startedAt > timeoutMs
}

/** `orders: 0, 3` */
export function partitionsText({ topic, partitions }: { topic: string; partitions: readonly number[] }): string {
  return `${topic}: ${partitions.join(', ')}`
}
