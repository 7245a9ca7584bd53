import { AddOffsetsToTxn, ErrorCode } from '@rivven/protocol'
import { handler } from './handler.js'

/** The partition that holds the offsets of a group is added to the transaction, like those of records. */
export const handleAddOffsetsToTxn = handler(
  AddOffsetsToTxn,
  async (request, { coordinator, transactions }, context) => {
    if (request.transactionalId === '') return { errorCode: ErrorCode.INVALID_REQUEST }
    const partition = await coordinator.partitionOf(request.groupId)
    if (partition === undefined) return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }
    return transactions.addOffsets(request, partition, context)
  },
)
