import { crc32c } from '@rivven/protocol'

/** What consumers are asked for, by the names that they have without this in front. */
const kafkas = 'org.apache.kafka.consumer.'
/** What only our own client tells. */
const ours = 'rivven.consumer.'

/**
 * librdkafka 2.5.0 to 2.5.2 ends its process where no asked metric is one of its own (librdkafka#4833), a producer where only consumers are
 * asked, and nobody says which client asks. So what consumers and producers of all versions have, the count of connections, is
 * always asked for. And these versions read each name up to the next byte of zero, so all but the last of a list run into
 * the next one and fit nothing: the name brings its zero along. To clients without that fault it is a name that nothing has, or its
 * part before the zero.
 */
const safeForAll = ['consumer', 'producer'].map((kind) => `org.apache.kafka.${kind}.connection.creation.\0`)

/** Beginnings of the names of metrics that clients are asked for (KIP-714). */
export const askedMetrics: readonly string[] = [
  ...safeForAll,
  `${kafkas}time.between.poll`,
  `${kafkas}last.poll`,
  `${kafkas}poll.idle.ratio`,
  `${kafkas}coordinator.rebalance.latency`,
  `${kafkas}coordinator.commit.latency`,
  `${kafkas}fetch.manager.fetch.latency`,
  ours,
]

/** The number of this list: a client that has another one asks again. */
export const askedMetricsId = crc32c(Buffer.from(askedMetrics.join('\n'))) | 0

/** What of that is kept, by the name that it has here. */
const keptMetrics = {
  pollGapMaxMs: `${kafkas}time.between.poll.max`,
  sincePollSeconds: `${kafkas}last.poll.seconds.ago`,
  pollIdleRatio: `${kafkas}poll.idle.ratio.avg`,
  rebalanceMaxMs: `${kafkas}coordinator.rebalance.latency.max`,
  commitMaxMs: `${kafkas}coordinator.commit.latency.max`,
  fetchMaxMs: `${kafkas}fetch.manager.fetch.latency.max`,
  loopDelayP99Ms: `${ours}eventloop.delay.p99`,
  loopDelayMaxMs: `${ours}eventloop.delay.max`,
  handlerAvgMs: `${ours}handler.time.avg`,
  handlerMaxMs: `${ours}handler.time.max`,
  pollRecordsMax: `${ours}poll.records.max`,
  bufferedBytes: `${ours}buffered.bytes`,
} as const

export type Figure = keyof typeof keptMetrics

const figures = new Map(Object.entries(keptMetrics).map(([figure, name]) => [name as string, figure as Figure]))

/** Undefined: it is not kept. */
export function figureOf(metric: string): Figure | undefined {
  return figures.get(metric)
}
