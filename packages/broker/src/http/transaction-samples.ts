import type { BrokerServices } from '../handlers/handler.js'
import type { PartitionLog } from '../log/partition-log.js'
import { histogramSamples, labelText, metricHead, sample } from './exposition.js'

/** The states in which a transaction holds back readers of committed records. */
const openStates = ['Ongoing', 'PrepareCommit', 'PrepareAbort'] as const

type Sources = Pick<BrokerServices, 'transactions' | 'catalog' | 'logs'>

/** All lines about transactions: a few series, however many transactional ids there are. */
export function* transactionSamples(sources: Sources, wall: number): Iterable<string> {
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
  yield `${gauge(hanging, help)}${hanging} ${countHanging(sources, open.producerIds)}\n`
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

/** A partition has one open transaction of a producer at most. Nothing is counted while a coordinator loads. */
function countHanging({ transactions, catalog, logs }: Sources, producerIds: ReadonlySet<number>): number {
  if (!transactions.isLoaded) return 0
  let count = 0
  for (const { name, partitionCount } of catalog.topics()) {
    for (let partition = 0; partition < partitionCount; partition++) {
      count += hangingIn(logs.opened(name, partition), producerIds)
    }
  }
  return count
}

function hangingIn(log: PartitionLog | undefined, producerIds: ReadonlySet<number>): number {
  let count = 0
  for (const producerId of log?.producers.openProducers ?? []) if (!producerIds.has(producerId)) count += 1
  return count
}

function gauge(name: string, help: string): string {
  return metricHead(name, 'gauge', help)
}
