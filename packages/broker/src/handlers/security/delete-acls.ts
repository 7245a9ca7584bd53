import { DeleteAcls, ErrorCode } from '@rivven/protocol'
import { mapInnerInTurns } from '../../breath.js'
import type { Acl } from '../../security/acls/acl.js'
import { handler } from '../handler.js'
import { aclAccess } from '../rights/acl-access.js'
import { storedOr } from '../storage-fault.js'
import { patternMessage, requestedFilter, ruleMessage } from './acl-messages.js'

/** Whatever several filters match is removed once, and shown by each. */
export const handleDeleteAcls = handler(DeleteAcls, async ({ filters }, services, context) => {
  const asked = filters.map(requestedFilter)
  const access = aclAccess(services, context, 'ALTER')
  if (!('acls' in access)) return { filterResults: asked.map(() => ({ ...access, matchingAcls: [] })) }
  const deletions = await storedOr(services, () => access.acls.delete(asked))
  if ('errorCode' in deletions) return { filterResults: asked.map(() => ({ ...deletions, matchingAcls: [] })) }
  const gone = await mapInnerInTurns(deletions, ({ acls }) => acls, services.runtime.clock, goneMessage)
  const filterResults = deletions.map(({ error, message }, at) => ({
    errorCode: ErrorCode[error],
    errorMessage: message,
    matchingAcls: gone[at] ?? [],
  }))
  return { filterResults }
})

function goneMessage(acl: Acl) {
  return { errorCode: ErrorCode.NONE, errorMessage: null, ...patternMessage(acl), ...ruleMessage(acl) }
}
