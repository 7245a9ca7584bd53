import { ErrorCode, InitProducerId, type InitProducerIdRequest } from '@rivven/protocol'
import { isPassing } from '../../database/database-error.js'
import { handler, type RequestContext } from '../handler.js'
import { clusterDenial, denial, mayOnCluster } from '../rights/denial.js'

const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 })

/** An idempotent producer gets an id that nobody had before; a transactional one what its id had, with a newer epoch. */
export const handleInitProducerId = handler(InitProducerId, async (request, { producerIds, transactions }, context) => {
  const denied = denialOf(request, context)
  if (denied !== ErrorCode.NONE) return refused(denied)
  if (!isComplete(request) || request.transactionalId === '') return refused(ErrorCode.INVALID_REQUEST)
  if (request.transactionalId !== null) return transactions.initProducerId(request, context)
  try {
    return { errorCode: ErrorCode.NONE, producerId: await producerIds.next(), producerEpoch: 0 }
  } catch (error) {
    if (isPassing(error)) return refused(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    throw error
  }
})

/** Without an id it is enough to write to some topic: whoever may do that has use for a producer id (KIP-679). */
function denialOf({ transactionalId }: InitProducerIdRequest, context: RequestContext): number {
  if (transactionalId !== null) return denial(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)
  const mayWrite = mayOnCluster(context, 'IDEMPOTENT_WRITE') || context.access.mayOnAny('WRITE', 'TOPIC')
  return mayWrite ? ErrorCode.NONE : clusterDenial(context, 'IDEMPOTENT_WRITE')
}

/** KIP-360: a producer tells both its id and its epoch, or neither. */
function isComplete({ producerId, producerEpoch }: InitProducerIdRequest): boolean {
  return (producerId === -1) === (producerEpoch === -1)
}
