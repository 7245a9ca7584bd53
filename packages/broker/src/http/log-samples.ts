import type { Catalog } from '../catalog/catalog.js'
import type { Logs } from '../log/logs.js'
import type { PartitionLog } from '../log/partition-log.js'
import { labelText, metricHead, sample } from './exposition.js'

/** One metric with a series for each partition. */
export interface LogMetric {
  readonly name: string
  readonly head: string
  read(log: PartitionLog): number
}

export const logMetrics: readonly LogMetric[] = [
  metric('rivven_log_size_bytes', 'Bytes of the partition on storage.', (log) => log.size),
  metric('rivven_log_start_offset', 'First offset of the partition that can be read.', (log) => log.logStartOffset),
  metric(
    'rivven_log_last_stable_offset',
    'Where readers of committed records end: before the first record of an open transaction.',
    (log) => log.lastStableOffset,
  ),
  metric('rivven_log_end_offset', 'Offset after the last record of the partition.', (log) => log.logEndOffset),
]

/** The lines of one metric for one topic. */
export function logSamples({ name, read }: LogMetric, topic: Topic, { logs }: { readonly logs: Logs }): string {
  let text = ''
  for (let partition = 0; partition < topic.partitionCount; partition++) {
    const log = logs.opened(topic.name, partition)
    if (log || logs.has(topic.name, partition))
      text += sample(name, labelText({ topic: topic.name, partition }), log ? read(log) : 0)
  }
  return text
}

type Topic = ReturnType<Catalog['topics']>[number]

function metric(name: string, help: string, read: LogMetric['read']): LogMetric {
  return { name, head: metricHead(name, 'gauge', help), read }
}
