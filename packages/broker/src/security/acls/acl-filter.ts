import {
  type AclOperationFilter,
  type AclPermissionTypeFilter,
  type PatternType,
  type PatternTypeFilter,
  type ResourceType,
  type ResourceTypeFilter,
  resourceTypes,
} from '@rivven/protocol'
import type { Acl } from './acl.js'
import type { AclIndex } from './acl-index.js'
import type { Pattern } from './pattern.js'

/** Which ACLs are meant; null and ANY: whatever there is. */
export interface AclFilter {
  readonly resourceType: ResourceTypeFilter
  /** ANY: the pattern's own name is `name`. MATCH: `name` falls under the pattern. */
  readonly patternType: PatternTypeFilter
  readonly name: string | null
  readonly principal: string | null
  readonly host: string | null
  readonly operation: AclOperationFilter
  readonly permission: AclPermissionTypeFilter
}

/** All ACLs that are meant, those of one pattern behind each other. A code that nobody knows means none. */
export function* aclsMeant(index: AclIndex, filter: AclFilter): Generator<Acl> {
  for (const type of typesMeant(filter.resourceType)) {
    for (const pattern of patternsMeant(index, type, filter)) {
      for (const acl of pattern.acls()) if (isMeant(acl, filter)) yield acl
    }
  }
}

function typesMeant(type: ResourceTypeFilter): readonly ResourceType[] {
  if (type === 'UNKNOWN') return []
  return type === 'ANY' ? resourceTypes.names.filter((name) => name !== 'UNKNOWN' && name !== 'ANY') : [type]
}

function* patternsMeant(index: AclIndex, type: ResourceType, { patternType, name }: AclFilter): Generator<Pattern> {
  if (patternType === 'UNKNOWN') return
  if (patternType === 'MATCH' && name !== null) {
    yield* index.patternsOver(type, name)
    return
  }
  const patternTypes: readonly PatternType[] =
    patternType === 'LITERAL' || patternType === 'PREFIXED' ? [patternType] : ['LITERAL', 'PREFIXED']
  for (const kind of patternTypes) {
    if (name === null) yield* index.patterns(type, kind)
    else {
      const pattern = index.pattern(type, kind, name)
      if (pattern !== undefined) yield pattern
    }
  }
}

function isMeant(acl: Acl, { principal, host, operation, permission }: AclFilter): boolean {
  return (
    (principal === null || principal === acl.principal) &&
    (host === null || host === acl.host) &&
    (operation === 'ANY' || operation === acl.operation) &&
    (permission === 'ANY' || permission === acl.permission)
  )
}
