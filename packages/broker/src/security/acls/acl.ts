import type { AclOperation, AclPermissionType, PatternType, ResourceType } from '@rivven/protocol'

/** One rule of Kafka's model: who may (or may not) do what, from where, to which names. It has no identity but its content. */
export interface Acl {
  readonly resourceType: ResourceType
  readonly patternType: PatternType
  /** What the pattern is made of: LITERAL `*` matches every name, PREFIXED all names that begin with it. */
  readonly name: string
  /** `Type:name`; `User:*` is everybody. */
  readonly principal: string
  /** An address as text; `*` is everywhere. */
  readonly host: string
  readonly operation: AclOperation
  readonly permission: AclPermissionType
}

export const ANY_NAME = '*'
export const ANY_PRINCIPAL = 'User:*'
export const ANY_HOST = '*'
