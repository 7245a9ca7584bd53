import { Breath } from '../../breath.js'
import { boolean, int, oneOf, optional, text } from '../../config/setting.js'
import type { PartitionLog } from '../../log/partition-log.js'
import { type ListOrder, mergedPages } from '../lists/list-answer.js'
import { PageOf, pageQuery } from '../lists/page-of.js'
import { needed } from '../parameters.js'
import { Problem } from '../problem.js'
import { denied } from '../rights.js'
import { route } from '../route.js'
import { unknownTopic } from '../topics/one-topic.js'
import { type ProducerRow, producerList } from './transaction-shapes.js'

const order: ListOrder<ProducerRow> = {
  nameOf: ({ producerId }) => String(producerId).padStart(16, '0'),
  keyOf: ({ partition, lastTimestamp }, sort) => (sort === 'partition' ? partition : lastTimestamp),
}

export const listProducers = route(
  {
    name: 'GET /api/transactions/producers',
    about: 'Producers that partitions of a topic remember, a page of them. Needs READ on the topic.',
    rights: { asks: ['READ TOPIC'], anonymous: 'all' },
    query: {
      topic: needed(text('', 'Name of the topic.')),
      partition: optional(int(0, 'Only this partition.', { min: 0 })),
      open: boolean(false, 'Only those that have a transaction open?'),
      sort: oneOf(['partition', 'time'], 'partition', 'partition, or time (of the last batch).'),
      ...pageQuery,
    },
    answer: producerList,
    merge: (parts, { query }, missing) => mergedPages(parts, query, { order, missing }),
  },
  async ({ services: { catalog, logs, runtime }, caller, query }) => {
    const refused = denied(caller, 'READ', 'TOPIC', query.topic)
    if (refused) return refused
    const topic = catalog.topic(query.topic)
    if (!topic) return unknownTopic(query.topic)
    const page = PageOf.begin<ProducerRow>(query)
    if (page instanceof Problem) return page
    const breath = new Breath(runtime.clock)
    for (let partition = 0; partition < topic.partitionCount; partition++) {
      const log =
        query.partition === undefined || query.partition === partition ? logs.opened(topic.name, partition) : undefined
      for (const row of log ? rowsOf(log) : []) {
        if (!query.open || row.transactionStartOffset !== null)
          page.offer(order.keyOf(row, query.sort), order.nameOf(row), row)
        if (breath.isDue) await breath.take()
      }
    }
    return { items: page.items, total: page.total, next: page.next(), missing: [] }
  },
)

function* rowsOf({ partition, producers }: PartitionLog): Iterable<ProducerRow> {
  for (const [producerId, { epoch, batches, lastTimestamp, transactionFirstOffset }] of producers.producers) {
    yield {
      ...{ partition, producerId, producerEpoch: epoch, lastTimestamp },
      lastSequence: batches.at(-1)?.lastSequence ?? -1,
      transactionStartOffset: transactionFirstOffset < 0 ? null : transactionFirstOffset,
    }
  }
}
