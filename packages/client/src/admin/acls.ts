import type { ErrorFacts } from '@rivven/link'
import {
  type AclOperationFilter,
  type AclPermissionTypeFilter,
  aclOperations,
  aclPermissionTypes,
  CreateAcls,
  DeleteAcls,
  DescribeAcls,
  ErrorCode,
  type PatternTypeFilter,
  patternTypes,
  type ResourceTypeFilter,
  resourceTypes,
} from '@rivven/protocol'
import { type AdminCalls, asRequest, resourceError, throwAny, throwFailures } from './calls.js'

/** One rule: who may, or may not, do what with a resource. Names are Kafka's; UNKNOWN is what a later Kafka has more. */
export interface Acl {
  /** `User:alice`; `User:*` is everybody. */
  principal: string
  /** An address as the broker sees it. Default `*`: any. */
  host?: string
  operation: Exclude<AclOperationFilter, 'ANY'>
  permissionType: Exclude<AclPermissionTypeFilter, 'ANY'>
  resourceType: Exclude<ResourceTypeFilter, 'ANY'>
  /** `*` is every resource of that type; the one of type CLUSTER is `kafka-cluster`. */
  resourceName: string
  /** PREFIXED: all whose names begin so. Default LITERAL. */
  patternType?: Exclude<PatternTypeFilter, 'ANY' | 'MATCH'>
}

/** Which rules are meant: what is left out may be anything. */
export interface AclFilter {
  principal?: string
  host?: string
  operation?: Exclude<AclOperationFilter, 'UNKNOWN'>
  permissionType?: Exclude<AclPermissionTypeFilter, 'UNKNOWN'>
  resourceType?: Exclude<ResourceTypeFilter, 'UNKNOWN'>
  resourceName?: string
  /** MATCH: every pattern that `resourceName` falls under. Default ANY. */
  patternType?: Exclude<PatternTypeFilter, 'UNKNOWN'>
}

export async function describeAcls(calls: AdminCalls, filter: AclFilter): Promise<Acl[]> {
  const answer = await calls.toController(DescribeAcls, asRequest(DescribeAcls, filterFields(filter)), (answer) => [
    answer.errorCode,
  ])
  if (answer.errorCode !== ErrorCode.NONE) throw resourceError(answer, 'Describing ACLs', { operation: 'DESCRIBE' })
  return answer.resources.flatMap(({ acls, ...resource }) => acls.map((acl) => aclOf({ ...resource, ...acl })))
}

export async function createAcls(calls: AdminCalls, acls: readonly Acl[]): Promise<void> {
  const creations = acls.map(({ principal, host = '*', operation, permissionType, ...pattern }) => ({
    resourceType: resourceTypes.codeOf(pattern.resourceType),
    resourceName: pattern.resourceName,
    resourcePatternType: patternTypes.codeOf(pattern.patternType ?? 'LITERAL'),
    principal,
    host,
    operation: aclOperations.codeOf(operation),
    permissionType: aclPermissionTypes.codeOf(permissionType),
  }))
  const request = asRequest(CreateAcls, { creations })
  const answer = await calls.toController(CreateAcls, request, ({ results }) => results.map((r) => r.errorCode))
  const results = answer.results.map((result, at) => ({ ...result, acl: acls[at] }))
  throwFailures(results, ({ acl }) => ({ what: `Creating the ACL ${acl ? textOf(acl) : ''}`, facts: altering(acl) }))
}

/** Returns those that were removed, each once. */
export async function deleteAcls(calls: AdminCalls, filters: readonly AclFilter[]): Promise<Acl[]> {
  const request = asRequest(DeleteAcls, { filters: filters.map(filterFields) })
  const answer = await calls.toController(DeleteAcls, request, (answer) => answer.filterResults.map((r) => r.errorCode))
  throwFailures(answer.filterResults, () => ({ what: 'Deleting ACLs', facts: altering() }))
  const matching = answer.filterResults.flatMap(({ matchingAcls }) => matchingAcls)
  const failed = matching.filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
  throwAny(
    failed.map((found) => resourceError(found, `Deleting the ACL ${textOf(aclOf(found))}`, altering(aclOf(found)))),
  )
  // One that two filters match is in both results.
  return [...new Map(matching.map(aclOf).map((acl) => [textOf(acl), acl])).values()]
}

function filterFields(filter: AclFilter) {
  return {
    resourceTypeFilter: resourceTypes.codeOf(filter.resourceType ?? 'ANY'),
    resourceNameFilter: filter.resourceName ?? null,
    patternTypeFilter: patternTypes.codeOf(filter.patternType ?? 'ANY'),
    principalFilter: filter.principal ?? null,
    hostFilter: filter.host ?? null,
    operation: aclOperations.codeOf(filter.operation ?? 'ANY'),
    permissionType: aclPermissionTypes.codeOf(filter.permissionType ?? 'ANY'),
  }
}

interface WireAcl {
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permissionType: number
  readonly resourceType: number
  readonly resourceName: string
  readonly patternType: number
}

/** ANY and MATCH are for filters alone: no broker has an ACL of them. */
function aclOf({ principal, host, operation, permissionType, ...resource }: WireAcl): Acl {
  return {
    principal,
    host,
    operation: aclOperations.nameOf(operation) as Acl['operation'],
    permissionType: aclPermissionTypes.nameOf(permissionType) as Acl['permissionType'],
    resourceType: resourceTypes.nameOf(resource.resourceType) as Acl['resourceType'],
    resourceName: resource.resourceName,
    patternType: patternTypes.nameOf(resource.patternType) as NonNullable<Acl['patternType']>,
  }
}

function textOf({
  permissionType,
  principal,
  host = '*',
  operation,
  resourceType,
  resourceName,
  patternType,
}: Acl): string {
  return `${permissionType} ${operation} to ${principal} from ${host} on ${patternType ?? 'LITERAL'} ${resourceType} ${resourceName}`
}

function altering(acl?: Acl): ErrorFacts {
  return { ...(acl && { principal: acl.principal }), operation: 'ALTER' }
}
