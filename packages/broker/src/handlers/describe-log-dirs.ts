import { DescribeLogDirs, ErrorCode } from '@rivven/protocol'
import { handler } from './handler.js'

/** One data folder, with all partitions or those that are asked for. */
export const handleDescribeLogDirs = handler(DescribeLogDirs, (request, { catalog, config, logs }) => {
  const asked = request.topics && new Map(request.topics.map(({ topic, partitions }) => [topic, new Set(partitions)]))
  const topics = catalog.topics().flatMap(({ name, partitionCount }) => {
    const wanted = asked?.get(name)
    if (asked && !wanted) return []
    const partitions = Array.from({ length: partitionCount }, (_, partitionIndex) => ({
      partitionIndex,
      partitionSize: logs.opened(name, partitionIndex)?.size ?? 0,
      offsetLag: 0,
      isFutureKey: false,
    }))
    return [{ name, partitions: partitions.filter(({ partitionIndex }) => wanted?.has(partitionIndex) ?? true) }]
  })
  const logDir = config.memory ? 'memory' : config.data_dir
  return { errorCode: ErrorCode.NONE, results: [{ errorCode: ErrorCode.NONE, logDir, topics }] }
})
