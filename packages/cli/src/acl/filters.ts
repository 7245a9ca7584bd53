import type { Acl, AclFilter, Admin } from '@rivven/client'
import { inOrder } from './acl-rows.js'
import type { Grant } from './grants.js'
import type { Operation } from './operations.js'
import type { WhoOptions } from './who.js'

export type ResourceFilter = Pick<AclFilter, 'resourceType' | 'resourceName' | 'patternType'>

export interface FilterParts extends WhoOptions {
  resources: readonly ResourceFilter[]
  operation?: readonly Operation[]
  permission?: 'ALLOW' | 'DENY'
}

/** One filter for each way to take one of everything; what is left out may be anything. */
export function filtersFor(parts: FilterParts): AclFilter[] {
  const { resources, principal, host, operation, permission } = parts
  return orAny(resources).flatMap((resource) =>
    orAny(fields('principal', principal)).flatMap((who) =>
      orAny(fields('host', host)).flatMap((from) =>
        orAny(fields('operation', operation)).map((what) => {
          return { ...resource, ...who, ...from, ...what, ...(permission && { permissionType: permission }) }
        }),
      ),
    ),
  )
}

/** Those that would have been made by `acl allow` with the same words. */
export function filtersForGrants(grants: readonly Grant[], who: WhoOptions): AclFilter[] {
  return grants.flatMap(({ resource, operations }) =>
    filtersFor({ ...who, resources: [resource], operation: operations, permission: 'ALLOW' }),
  )
}

function fields<Name extends keyof AclFilter>(name: Name, values: readonly AclFilter[Name][] = []): AclFilter[] {
  return values.map((value) => ({ [name]: value }))
}

function orAny(filters: readonly AclFilter[]): readonly AclFilter[] {
  return filters.length > 0 ? filters : [{}]
}

/** All ACLs that one of the filters means, each once and in order. */
export async function aclsMeant(admin: Admin, filters: readonly AclFilter[]): Promise<Acl[]> {
  const found = await Promise.all(filters.map((filter) => admin.describeAcls(filter)))
  return inOrder(found.flat())
}
