import { DescribeLogDirs, ErrorCode } from '@rivven/protocol'
import { mapInTurns } from '../../breath.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import { handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'

/** One data folder, with all partitions that are led here, or those of them that are asked for. */
export const handleDescribeLogDirs = handler(DescribeLogDirs, async (request, services, context) => {
  const denied = clusterDenial(context, 'DESCRIBE')
  if (denied !== ErrorCode.NONE) return { errorCode: denied, results: [] }
  const { catalog, cluster, config, logs, runtime } = services
  // Nobody knows whether any of it is led here still.
  if (!cluster.isServing) return { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, results: [] }
  const asked = request.topics && new Map(request.topics.map(({ topic, partitions }) => [topic, new Set(partitions)]))
  const wanted = asked ? catalog.topics().filter(({ name }) => asked.has(name)) : catalog.topics()
  const topics = await mapInTurns(wanted, runtime.clock, ({ name, partitionCount }) => {
    const partitions = Array.from({ length: partitionCount }, (_, partitionIndex) => ({
      partitionIndex,
      partitionSize: logs.opened(name, partitionIndex)?.size ?? 0,
      offsetLag: 0,
      isFutureKey: false,
    }))
    return {
      name,
      partitions: partitions.filter(
        ({ partitionIndex }) => logs.has(name, partitionIndex) && (asked?.get(name)?.has(partitionIndex) ?? true),
      ),
    }
  })
  const logDir = logDirOf(config)
  return { errorCode: ErrorCode.NONE, results: [{ errorCode: ErrorCode.NONE, logDir, topics }] }
})

function logDirOf({ storage, memory, data_dir: folder }: BrokerConfig): string {
  if (storage) return 'database'
  return memory ? 'memory' : folder
}
