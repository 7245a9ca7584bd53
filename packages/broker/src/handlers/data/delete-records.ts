import { DeleteRecords, type DeleteRecordsRequest, ErrorCode } from '@rivven/protocol'
import { askInnerInTurns } from '../../breath.js'
import { type BrokerServices, handler, type RequestContext } from '../handler.js'
import { denial } from '../rights/denial.js'

type AskedTopic = DeleteRecordsRequest['topics'][number]

const UP_TO_THE_HIGH_WATERMARK = -1

export const handleDeleteRecords = handler(DeleteRecords, async (request, services, context) => {
  const { topics } = request
  const partitionsOf = ({ partitions }: AskedTopic) => partitions
  await services.partitions.allComing(() => topics.map(({ name, partitions }) => [name, partitions.map(indexOf)]))
  const deleted = await askInnerInTurns(topics, partitionsOf, services.runtime.clock, async (asked, { name }) => {
    const { partitionIndex, offset } = asked
    return { partitionIndex, ...(await deleteBefore(offset, { name, partitionIndex }, services, context)) }
  })
  return { topics: topics.map(({ name }, at) => ({ name, partitions: deleted[at] ?? [] })) }
})

function indexOf({ partitionIndex }: AskedTopic['partitions'][number]): number {
  return partitionIndex
}

interface Deleted {
  errorCode: number
  lowWatermark: number
}

const refused = (errorCode: number): Deleted => ({ errorCode, lowWatermark: -1 })

async function deleteBefore(
  offset: number,
  { name, partitionIndex }: { name: string; partitionIndex: number },
  { catalog, partitions, log: logger }: BrokerServices,
  context: RequestContext,
): Promise<Deleted> {
  const denied = denial(context, 'DELETE', 'TOPIC', name)
  if (denied !== ErrorCode.NONE) return refused(denied)
  const topic = catalog.topic(name)
  if (topic?.isInternal) return refused(ErrorCode.INVALID_TOPIC_EXCEPTION)
  const view = partitions.view(name, partitionIndex)
  if (!topic || !view) return refused(partitions.faultOf(name, partitionIndex))
  if (!topic.logConfig.cleanupPolicy.delete) return refused(ErrorCode.POLICY_VIOLATION)
  const before = offset === UP_TO_THE_HIGH_WATERMARK ? view.highWatermark : offset
  if (before < 0 || before > view.highWatermark) return refused(ErrorCode.OFFSET_OUT_OF_RANGE)
  if (view.health !== 'sound') return refused(ErrorCode.KAFKA_STORAGE_ERROR)
  try {
    // What has nothing before that need not have a log.
    if (before > view.logStartOffset) await partitions.log(name, partitionIndex)?.deleteRecordsBefore(before)
  } catch (error) {
    logger.error({ topic: name, partition: partitionIndex, error }, 'records could not be deleted')
    return refused(ErrorCode.KAFKA_STORAGE_ERROR)
  }
  return { errorCode: ErrorCode.NONE, lowWatermark: view.logStartOffset }
}
