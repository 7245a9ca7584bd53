import type { BrokerServices } from '../handlers/handler.js'
import { histogramSamples, labelText, metricHead, sample } from './exposition.js'
import type { HangingTransactions } from './hanging-transactions.js'

/** The states in which a transaction holds back readers of committed records. */
const openStates = ['Ongoing', 'PrepareCommit', 'PrepareAbort'] as const

type Sources = Pick<BrokerServices, 'transactions'>

/** All lines about transactions: a few series, however many transactional ids there are. */
export function* transactionSamples(sources: Sources, hangs: HangingTransactions, wall: number): Iterable<string> {
  const open = openTransactions(sources, wall)
  yield gauge('rivven_transactions_open', 'Transactions that are not complete, by state.')
  for (const state of openStates) {
    yield sample('rivven_transactions_open', labelText({ state }), open.counts.get(state) ?? 0)
  }
  const oldest = 'rivven_transaction_oldest_open_seconds'
  yield `${gauge(oldest, 'Age of the transaction that is open longest; 0 without one.')}${oldest} ${open.oldestSeconds}\n`
  yield* histograms(sources)
  const hanging = 'rivven_transactions_hanging'
  const help =
    'Open transactions in partitions that no coordinator knows: they hold back readers until they are aborted.'
  yield `${gauge(hanging, help)}${hanging} ${hangs.count(open.producerIds)}\n`
}

function* histograms({ transactions }: Sources): Iterable<string> {
  const { durationSeconds, completionSeconds } = transactions.metrics
  const duration = 'rivven_transaction_duration_seconds'
  yield metricHead(duration, 'histogram', 'Seconds from the first partition of a transaction to its decided outcome.')
  for (const outcome of ['committed', 'aborted'] as const) {
    yield histogramSamples(duration, labelText({ outcome }), durationSeconds[outcome])
  }
  const completion = 'rivven_transaction_completion_seconds'
  yield metricHead(completion, 'histogram', 'Seconds from the decided outcome until all markers are written.')
  yield histogramSamples(completion, '', completionSeconds)
}

function openTransactions({ transactions }: Sources, wall: number) {
  const counts = new Map<string, number>()
  const producerIds = new Set<number>()
  let oldestSeconds = 0
  for (const { state, producerId, startTimestamp } of transactions.all()) {
    if (!openStates.some((open) => open === state)) continue
    counts.set(state, (counts.get(state) ?? 0) + 1)
    producerIds.add(producerId)
    if (startTimestamp >= 0) oldestSeconds = Math.max(oldestSeconds, (wall - startTimestamp) / 1_000)
  }
  return { counts, producerIds, oldestSeconds }
}

function gauge(name: string, help: string): string {
  return metricHead(name, 'gauge', help)
}
