import { DescribeAcls, ErrorCode } from '@rivven/protocol'
import { mapInTurns } from '../../breath.js'
import type { Acl } from '../../security/acls/acl.js'
import { handler } from '../handler.js'
import { aclAccess } from '../rights/acl-access.js'
import { patternMessage, requestedFilter, ruleMessage } from './acl-messages.js'

export const handleDescribeAcls = handler(DescribeAcls, async (request, services, context) => {
  const filter = requestedFilter(request)
  const access = aclAccess(services, context, 'DESCRIBE')
  if (!('acls' in access)) return { ...access, resources: [] }
  const resources = await mapInTurns(await access.acls.matching(filter), services.runtime.clock, resourceOf)
  // As Kafka has it.
  return { errorCode: ErrorCode.NONE, errorMessage: '', resources }
})

/** The ACLs of one pattern are shown together. */
function resourceOf(acls: readonly Acl[]) {
  return { ...patternMessage(acls[0] as Acl), acls: acls.map(ruleMessage) }
}
