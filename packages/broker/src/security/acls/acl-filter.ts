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
import { bitOf, EVERY_OPERATION, NO_OPERATION } from './operations.js'
import type { MeantRules, Pattern } from './pattern.js'

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

/** All ACLs that are meant, pattern by pattern, of some none. A code that nobody knows means none. */
export function* aclsMeant(index: AclIndex, filter: AclFilter): Generator<Acl[]> {
  const rules = rulesMeant(filter)
  for (const type of typesMeant(filter.resourceType)) {
    for (const pattern of patternsMeant(index, type, filter)) yield pattern.acls(rules)
  }
}

function rulesMeant({ principal, host, operation, permission }: AclFilter): MeantRules {
  return {
    principal,
    host,
    operations: operation === 'ANY' ? EVERY_OPERATION : operation === 'UNKNOWN' ? NO_OPERATION : bitOf(operation),
    permissions: permission === 'ANY' ? ['ALLOW', 'DENY'] : permission === 'UNKNOWN' ? [] : [permission],
  }
}

function typesMeant(type: ResourceTypeFilter): readonly ResourceType[] {
  if (type === 'UNKNOWN') return []
  return type === 'ANY' ? resourceTypes.names.filter((name) => name !== 'UNKNOWN' && name !== 'ANY') : [type]
}

function* patternsMeant(index: AclIndex, type: ResourceType, filter: AclFilter): Generator<Pattern> {
  const { patternType, name } = filter
  if (patternType === 'UNKNOWN') return
  if (patternType === 'MATCH' && name !== null) {
    yield* index.patternsOver(type, name)
    return
  }
  for (const kind of kindsMeant(patternType)) yield* patternsOf(kind, index, type, filter)
}

function kindsMeant(patternType: PatternTypeFilter): readonly PatternType[] {
  return patternType === 'LITERAL' || patternType === 'PREFIXED' ? [patternType] : ['LITERAL', 'PREFIXED']
}

function patternsOf(
  kind: PatternType,
  index: AclIndex,
  type: ResourceType,
  { name, principal }: AclFilter,
): Iterable<Pattern> {
  if (name !== null) {
    const named = index.pattern(type, kind, name)
    return named === undefined ? [] : [named]
  }
  if (principal === null) return index.patterns(type, kind)
  // Of one principal there are few, whoever else there is.
  return index.patternsNaming(type, [principal]).filter((pattern) => pattern.kind === kind)
}
