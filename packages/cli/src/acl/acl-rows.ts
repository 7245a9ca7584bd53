import type { Acl } from '@rivven/client'
import type { Column, Row } from '../text/output.js'
import { resourceText } from './resources.js'

/** What the last column says in a text, programs get in three fields, which no name can blur. */
export const aclColumns: Column[] = [
  { field: 'principal', title: 'PRINCIPAL' },
  { field: 'host', title: 'HOST' },
  { field: 'operation', title: 'OPERATION' },
  { field: 'permission', title: 'PERMISSION' },
  { field: 'resource', title: 'RESOURCE' },
  { field: 'resourceType', title: 'TYPE', wide: true },
  { field: 'resourceName', title: 'NAME', wide: true },
  { field: 'patternType', title: 'PATTERN', wide: true },
]

export function aclRow(acl: Acl): Row {
  const { principal, host = '*', operation, permissionType, resourceType, resourceName, patternType = 'LITERAL' } = acl
  const resource = resourceText(acl)
  return { principal, host, operation, permission: permissionType, resource, resourceType, resourceName, patternType }
}

/** Each once, those about one resource and one principal together, denials first. */
export function inOrder(acls: readonly Acl[]): Acl[] {
  const keyed = new Map(acls.map((acl) => [JSON.stringify(keysOf(acl)), acl]))
  return [...keyed.values()].sort((a, b) => compare(keysOf(a), keysOf(b)))
}

function keysOf(acl: Acl): string[] {
  const { resourceType, resourceName, patternType = 'LITERAL', principal, permissionType, operation, host = '*' } = acl
  return [
    resourceType,
    resourceName,
    patternType,
    principal,
    permissionType === 'DENY' ? '' : permissionType,
    operation,
    host,
  ]
}

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((key, index) => key !== b[index])
  return at < 0 ? 0 : (a[at] as string) < (b[at] as string) ? -1 : 1
}

/** One ACL in words: `ALLOW READ to User:alice from 10.0.0.7 on topic orders-*`. */
export function aclText(acl: Acl): string {
  const { permissionType, operation, principal, host = '*' } = acl
  const from = host === '*' ? '' : ` from ${host}`
  return `${permissionType} ${operation} to ${principal}${from} on ${resourceText(acl)}`
}
