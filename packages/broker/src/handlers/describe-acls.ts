import { DescribeAcls, ErrorCode } from '@rivven/protocol'
import type { Acl } from '../security/acls/acl.js'
import { type PatternMessage, patternMessage, type RuleMessage, requestedFilter, ruleMessage } from './acl-messages.js'
import { handler } from './handler.js'
import { aclAccess } from './rights/acl-access.js'

interface Resource extends PatternMessage {
  readonly acls: RuleMessage[]
}

export const handleDescribeAcls = handler(DescribeAcls, (request, services, context) => {
  const filter = requestedFilter(request)
  const access = aclAccess(services, context, 'DESCRIBE')
  if (!('acls' in access)) return { ...access, resources: [] }
  // As Kafka has it.
  return { errorCode: ErrorCode.NONE, errorMessage: '', resources: resourcesOf(access.acls.matching(filter)) }
})

/** The ACLs of one pattern, which come behind each other, are shown together. */
function resourcesOf(acls: readonly Acl[]): Resource[] {
  const resources: Resource[] = []
  let last: Acl | undefined
  for (const acl of acls) {
    if (last === undefined || !isOfPattern(acl, last)) resources.push({ ...patternMessage(acl), acls: [] })
    resources.at(-1)?.acls.push(ruleMessage(acl))
    last = acl
  }
  return resources
}

function isOfPattern(acl: Acl, { resourceType, patternType, name }: Acl): boolean {
  return acl.name === name && acl.resourceType === resourceType && acl.patternType === patternType
}
