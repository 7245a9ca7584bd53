import { CreateAcls, ErrorCode } from '@rivven/protocol'
import { mapInTurns } from '../../breath.js'
import { handler } from '../handler.js'
import { aclAccess } from '../rights/acl-access.js'
import { storedOr } from '../storage-fault.js'
import { requestedAcl } from './acl-messages.js'

/** One that exists already is made again; of several in a request each is judged alone. */
export const handleCreateAcls = handler(CreateAcls, async ({ creations }, services, context) => {
  const asked = await mapInTurns(creations, services.runtime.clock, requestedAcl)
  const access = aclAccess(services, context, 'ALTER')
  if (!('acls' in access)) return { results: asked.map(() => access) }
  const results = await storedOr(services, () => access.acls.create(asked))
  if ('errorCode' in results) return { results: asked.map(() => results) }
  // As Kafka has it.
  return {
    results: results.map(({ error, message }) => ({ errorCode: ErrorCode[error], errorMessage: message ?? '' })),
  }
})
