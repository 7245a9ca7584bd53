import { ErrorCode, OffsetForLeaderEpoch, type OffsetForLeaderEpochRequest } from '@rivven/protocol'
import { mapInnerInTurns } from '../../breath.js'
import { handler } from '../handler.js'
import { denial, mayOnCluster } from '../rights/denial.js'
import { epochFault } from './epoch-fault.js'

type Asked = OffsetForLeaderEpochRequest['topics'][number]['partitions'][number]

export const handleOffsetForLeaderEpoch = handler(
  OffsetForLeaderEpoch,
  async ({ topics }, { partitions: led, runtime }, context) => {
    const isBroker = mayOnCluster(context, 'CLUSTER_ACTION')
    const look = ({ partition, currentLeaderEpoch, leaderEpoch }: Asked, topic: string) => {
      const denied = isBroker ? ErrorCode.NONE : denial(context, 'DESCRIBE', 'TOPIC', topic)
      if (denied !== ErrorCode.NONE) return { partition, errorCode: denied }
      const log = led.view(topic, partition)
      if (!log) return { partition, errorCode: led.faultOf(topic, partition) }
      const errorCode = epochFault(log, currentLeaderEpoch)
      if (errorCode !== ErrorCode.NONE) return { partition, errorCode }
      return { partition, errorCode, ...log.endOffsetForEpoch(leaderEpoch) }
    }
    await led.allComing(() =>
      topics.map(({ topic, partitions }) => [topic, partitions.map(({ partition }) => partition)]),
    )
    const found = await mapInnerInTurns(
      topics,
      ({ partitions }) => partitions,
      runtime.clock,
      (asked, { topic }) => look(asked, topic),
    )
    return { topics: topics.map(({ topic }, at) => ({ topic, partitions: found[at] ?? [] })) }
  },
)
