import {
  aclOperations,
  aclPermissionTypes,
  type CreateAclsRequest,
  DecodeError,
  type DescribeAclsRequest,
  patternTypes,
  resourceTypes,
  type WireCodes,
} from '@rivven/protocol'
import type { Acl } from '../../security/acls/acl.js'
import type { AclFilter } from '../../security/acls/acl-filter.js'
import type { AclRequest } from '../../security/acls/acl-request.js'

// ACLs and filters, as messages and as they are kept.

/** @throws DecodeError where the message says that it does not know what it asks */
export function requestedAcl(creation: CreateAclsRequest['creations'][number]): AclRequest {
  return {
    resourceType: readCode(resourceTypes, creation.resourceType),
    patternType: readCode(patternTypes, creation.resourcePatternType),
    name: creation.resourceName,
    principal: creation.principal,
    host: creation.host,
    operation: readCode(aclOperations, creation.operation),
    permission: readCode(aclPermissionTypes, creation.permissionType),
  }
}

/** @throws DecodeError where the message says that it does not know what it asks */
export function requestedFilter(filter: DescribeAclsRequest): AclFilter {
  return {
    resourceType: readCode(resourceTypes, filter.resourceTypeFilter),
    patternType: readCode(patternTypes, filter.patternTypeFilter),
    name: filter.resourceNameFilter,
    principal: filter.principalFilter,
    host: filter.hostFilter,
    operation: readCode(aclOperations, filter.operation),
    permission: readCode(aclPermissionTypes, filter.permissionType),
  }
}

/** To Kafka a message with the code of UNKNOWN is none. A code that is not known yet is another matter. */
function readCode<Name extends string>(codes: WireCodes<Name>, code: number): Name {
  if (code === 0) throw new DecodeError('The code 0 stands for nothing in an ACL')
  return codes.nameOf(code)
}

export interface PatternMessage {
  readonly resourceType: number
  readonly resourceName: string
  readonly patternType: number
}

/** For whom and to what an ACL is. */
export function patternMessage({ resourceType, patternType, name }: Acl): PatternMessage {
  return {
    resourceType: resourceTypes.codeOf(resourceType),
    resourceName: name,
    patternType: patternTypes.codeOf(patternType),
  }
}

export interface RuleMessage {
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permissionType: number
}

/** Who may do what. */
export function ruleMessage({ principal, host, operation, permission }: Acl): RuleMessage {
  return {
    principal,
    host,
    operation: aclOperations.codeOf(operation),
    permissionType: aclPermissionTypes.codeOf(permission),
  }
}
