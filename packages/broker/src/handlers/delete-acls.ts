import { DeleteAcls, ErrorCode } from '@rivven/protocol'
import type { AclDeletion } from '../security/acls/acl-store.js'
import { patternMessage, requestedFilter, ruleMessage } from './acl-messages.js'
import { handler } from './handler.js'
import { aclAccess } from './rights/acl-access.js'

/** Whatever several filters match is removed once, and shown by each. */
export const handleDeleteAcls = handler(DeleteAcls, async ({ filters }, services, context) => {
  const asked = filters.map(requestedFilter)
  const access = aclAccess(services, context, 'ALTER')
  if (!('acls' in access)) return { filterResults: asked.map(() => ({ ...access, matchingAcls: [] })) }
  return { filterResults: (await access.acls.delete(asked)).map(filterResult) }
})

function filterResult({ error, message, acls }: AclDeletion) {
  const gone = { errorCode: ErrorCode.NONE, errorMessage: null }
  const matchingAcls = acls.map((acl) => ({ ...gone, ...patternMessage(acl), ...ruleMessage(acl) }))
  return { errorCode: ErrorCode[error], errorMessage: message, matchingAcls }
}
