import type { ConsumerMetrics, PartitionMetrics } from '../diagnostics/metrics.js'
import type { Cluster } from '../net/cluster.js'
import { sortPartitions } from '../topic-partition.js'
import type { Fetcher } from './fetch/fetcher.js'
import { type HealthParts, stateOf } from './health.js'
import type { Commits } from './offsets/commits.js'
import type { PollLoop } from './poll-loop.js'
import type { PartitionState } from './state/partition-state.js'

export interface MetricsParts extends HealthParts {
  cluster: Cluster
  loop: PollLoop
  fetcher: Fetcher
  commits: Commits
}

export function metricsOf(parts: MetricsParts): ConsumerMetrics {
  const { cluster, settings, subscription, membership, loop, fetcher, commits } = parts
  const now = cluster.runtime.clock.monotonic()
  return {
    ...cluster.metrics,
    groupId: settings.groupId ?? null,
    state: stateOf(parts),
    polls: loop.soFar,
    fetchedBytes: fetcher.buffers.fetchedBytes,
    bufferedBytes: fetcher.buffers.bytes,
    commits: commits.watch.soFar,
    rebalances: membership?.rebalances ?? { count: 0, totalMs: 0 },
    partitions: sortPartitions(subscription.assigned).map((state) => partitionOf(state, settings.isolationLevel, now)),
  }
}

function partitionOf(state: PartitionState, isolationLevel: 0 | 1, now: number): PartitionMetrics {
  const { topic, partition, delivered, isPaused } = state
  const position = (delivered ?? state.position)?.offset ?? null
  const known = isolationLevel === 1 ? state.lastStableOffset : state.highWatermark
  const end = known < 0 ? null : known
  const lag = position === null || end === null ? null : Math.max(0, end - position)
  return { topic, partition, position, end, lag, isPaused, pausedMs: state.pausedMs(now) }
}
