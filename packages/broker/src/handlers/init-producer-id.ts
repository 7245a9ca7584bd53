import { ErrorCode, InitProducerId, type InitProducerIdRequest } from '@rivven/protocol'
import { handler } from './handler.js'

const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 })

/** An idempotent producer gets an id that nobody had before; a transactional one what its id had, with a newer epoch. */
export const handleInitProducerId = handler(InitProducerId, async (request, { producerIds, transactions }, context) => {
  if (!isComplete(request) || request.transactionalId === '') return refused(ErrorCode.INVALID_REQUEST)
  if (request.transactionalId !== null) return transactions.initProducerId(request, context)
  return { errorCode: ErrorCode.NONE, producerId: await producerIds.next(), producerEpoch: 0 }
})

/** KIP-360: a producer tells both its id and its epoch, or neither. */
function isComplete({ producerId, producerEpoch }: InitProducerIdRequest): boolean {
  return (producerId === -1) === (producerEpoch === -1)
}
