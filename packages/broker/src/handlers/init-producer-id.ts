import { ErrorCode, InitProducerId, type InitProducerIdRequest } from '@rivven/protocol'
import { handler } from './handler.js'

const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 })

/** An idempotent producer gets an id that nobody had before. */
export const handleInitProducerId = handler(InitProducerId, async (request, { producerIds }) => {
  if (!isComplete(request) || request.transactionalId === '') return refused(ErrorCode.INVALID_REQUEST)
  // Transactions come later; this error is final for every client.
  if (request.transactionalId !== null) return refused(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  return { errorCode: ErrorCode.NONE, producerId: await producerIds.next(), producerEpoch: 0 }
})

/** KIP-360: a producer tells both its id and its epoch, or neither. */
function isComplete({ producerId, producerEpoch }: InitProducerIdRequest): boolean {
  return (producerId === -1) === (producerEpoch === -1)
}
