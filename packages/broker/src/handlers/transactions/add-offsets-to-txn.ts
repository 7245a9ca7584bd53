import { AddOffsetsToTxn, ErrorCode } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

/** The partition that holds the offsets of a group is added to the transaction, like those of records. */
export const handleAddOffsetsToTxn = handler(
  AddOffsetsToTxn,
  async (request, { coordinator, transactions }, context) => {
    const { transactionalId, groupId } = request
    const denied =
      denial(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId) || denial(context, 'READ', 'GROUP', groupId)
    if (denied !== ErrorCode.NONE) return { errorCode: denied }
    if (transactionalId === '') return { errorCode: ErrorCode.INVALID_REQUEST }
    const partition = await coordinator.partitionOf(groupId)
    if (partition === undefined) return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }
    return transactions.addOffsets(request, partition, context)
  },
)
