import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import type { TransactionFact } from '../../facts/any-broker-facts.js'
import type { Found } from '../../finding.js'
import { sum } from '../../numbers.js'
import { placesText } from '../../places.js'
import { listed } from '../../words.js'

const patienceMs = 60_000

export const transactionHoldsReaders = check({
  id: 'transaction-holds-readers',
  about: 'cluster',
  needs: ['transactions'],
  run({ transactions }, now) {
    const old = transactions.filter(({ startedAt }) => now - startedAt > patienceMs)
    return [...byProducer(old).values()].map((held) => foundIn(held, now))
  },
})

function byProducer(transactions: readonly TransactionFact[]): Map<number, TransactionFact[]> {
  const producers = new Map<number, TransactionFact[]>()
  for (const each of transactions) producers.set(each.producerId, [...(producers.get(each.producerId) ?? []), each])
  return producers
}

/** A transaction of one producer, in all partitions that it holds up. */
function foundIn(held: readonly TransactionFact[], now: number): Found {
  const [{ topic, partition, producerId, transactionalId, startedAt, timeoutMs }] = held as [TransactionFact]
  const ageMs = now - startedAt
  const groups = [...new Set(held.flatMap((each) => each.groups))]
  return {
    severity: timeoutMs === null || ageMs > timeoutMs ? 'critical' : 'warning',
    subject: { topic, ...(held.length === 1 ? { partition } : {}) },
    since: startedAt,
    title: `${transactionalId === null ? 'A transaction that no coordinator knows' : `The open transaction of ${transactionalId}`} holds up readers of committed records`,
    evidence: [
      { text: 'it is open for', value: ageMs / 1_000, unit: 's' },
      ...(timeoutMs === null ? [] : [{ text: 'its timeout', value: timeoutMs / 1_000, unit: 's' as const }]),
      { text: 'producer id', value: producerId, unit: null },
      { text: 'held up', value: sum(held.map(({ heldRecords }) => heldRecords)), unit: 'records' },
      { text: 'in', value: placesText(held), unit: null },
      ...(groups.length === 0 ? [] : [{ text: 'groups that wait', value: listed(groups), unit: null }]),
    ],
    remedy:
      transactionalId === null
        ? 'Nobody will end it: abort it in each of these partitions.'
        : 'See whether its producer is alive. It is aborted at its timeout; whoever cannot wait aborts it now, and the producer has to start anew.',
    commands:
      transactionalId === null
        ? held.map((place) => commandText('transaction abort', [], hangingIn(place)))
        : [commandText('transaction describe', [transactionalId]), commandText('transaction abort', [transactionalId])],
  }
}

function hangingIn({ topic, partition, producerId }: TransactionFact): string[] {
  return ['--topic', topic, '--partition', `${partition}`, '--producer-id', `${producerId}`]
}
