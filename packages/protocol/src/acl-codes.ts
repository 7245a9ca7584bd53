import { type NameOf, wireCodes } from './wire-codes.js'

/**
 * What ACLs are made of, in Kafka's words, with their codes in the messages of DescribeAcls, CreateAcls and DeleteAcls. Each
 * comes as two types: what an ACL itself may say, and (`…Filter`) what a request may say: ANY and MATCH are for filters only,
 * and UNKNOWN is what a code of a later Kafka becomes.
 */
export const resourceTypes = wireCodes({
  UNKNOWN: 0,
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
})
export type ResourceTypeFilter = NameOf<typeof resourceTypes>
export type ResourceType = Exclude<ResourceTypeFilter, 'UNKNOWN' | 'ANY'>

/** The one resource of type CLUSTER. */
export const CLUSTER_NAME = 'kafka-cluster'

/** MATCH asks for all patterns that a name falls under, ANY for a pattern's own name in any type of pattern (KIP-290). */
export const patternTypes = wireCodes({ UNKNOWN: 0, ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 })
export type PatternTypeFilter = NameOf<typeof patternTypes>
export type PatternType = Exclude<PatternTypeFilter, 'UNKNOWN' | 'ANY' | 'MATCH'>

/** A code is also the bit of that operation in a field of authorized operations (KIP-430). */
export const aclOperations = wireCodes({
  UNKNOWN: 0,
  ANY: 1,
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
})
export type AclOperationFilter = NameOf<typeof aclOperations>
export type AclOperation = Exclude<AclOperationFilter, 'UNKNOWN' | 'ANY'>

export const aclPermissionTypes = wireCodes({ UNKNOWN: 0, ANY: 1, DENY: 2, ALLOW: 3 })
export type AclPermissionTypeFilter = NameOf<typeof aclPermissionTypes>
export type AclPermissionType = Exclude<AclPermissionTypeFilter, 'UNKNOWN' | 'ANY'>
