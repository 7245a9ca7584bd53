import type { TopicPartitions } from '@rivven/transactions'
import { listOf } from '../lists/list-answer.js'
import { list, nullable, number, other, shape, type Told, text } from '../shape.js'

const transactionRow = shape('TransactionRow', {
  transactionalId: text('As its application calls it.'),
  state: text('`Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit` or `CompleteAbort`.'),
  producerId: number('Its producer.'),
  producerEpoch: number('Rises when another instance takes its place.'),
  startedAt: nullable(number('When the open transaction began; null: none is open.')),
  timeoutMs: number('After so long it is aborted.'),
  partitions: list(
    other<TopicPartitions>(
      '`{ topic, partitions }`',
      'What it has written to; topics that one may not describe are left out.',
    ),
  ),
})
export type TransactionRow = Told<typeof transactionRow>

export const transactionList = listOf(
  'TransactionList',
  transactionRow,
  'Transactional ids that the caller may describe.',
)

const producerRow = shape('ProducerRow', {
  partition: number('Index of the partition.'),
  producerId: number('Of the producer.'),
  producerEpoch: number('Of its last batch.'),
  lastSequence: number('Of its last batch; -1: none.'),
  lastTimestamp: number('When it wrote last.'),
  transactionStartOffset: nullable(number('Where its open transaction begins; null: none is open.')),
})
export type ProducerRow = Told<typeof producerRow>

export const producerList = listOf('ProducerList', producerRow, 'Producers that partitions of the topic remember.')
