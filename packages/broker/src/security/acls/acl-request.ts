import {
  type AclOperationFilter,
  type AclPermissionTypeFilter,
  CLUSTER_NAME,
  type PatternTypeFilter,
  type ResourceTypeFilter,
} from '@rivven/protocol'
import { type ChangeResult, refused } from '../change-result.js'
import type { Acl } from './acl.js'

/** An ACL as a request has it: it may say what only filters can, or what nobody knows. */
export interface AclRequest extends Pick<Acl, 'name' | 'principal' | 'host'> {
  readonly resourceType: ResourceTypeFilter
  readonly patternType: PatternTypeFilter
  readonly operation: AclOperationFilter
  readonly permission: AclPermissionTypeFilter
}

const mostTextBytes = 4096
const texts = ['name', 'principal', 'host'] as const
const codes = ['resourceType', 'patternType', 'operation', 'permission'] as const
const forFilters: ReadonlySet<string> = new Set(['UNKNOWN', 'ANY', 'MATCH'])

/** Whether it is an ACL; what is wrong with it otherwise. What it names need not exist, nor make sense. */
export function aclFault(request: AclRequest): ChangeResult | undefined {
  const vague = codes.find((field) => forFilters.has(request[field]))
  if (vague !== undefined) return invalid(`the ${vague} of an ACL cannot be ${request[vague]}`)
  if (request.name === '') return invalid('the name of the resource is empty')
  if (request.resourceType === 'CLUSTER' && request.name !== CLUSTER_NAME) {
    return invalid(`the only name of a resource of type CLUSTER is ${CLUSTER_NAME}`)
  }
  if (!request.principal.includes(':')) return invalid('a principal is Type:name, for example User:alice')
  const long = texts.find((field) => Buffer.byteLength(request[field]) > mostTextBytes)
  return long === undefined ? undefined : invalid(`the ${long} of an ACL has at most ${mostTextBytes} bytes`)
}

function invalid(reason: string): ChangeResult {
  return refused('INVALID_REQUEST', `No ACL: ${reason}.`)
}
