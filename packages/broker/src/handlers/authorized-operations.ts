import { operationsNotAsked } from '@rivven/groups'
import { type AclOperation, CLUSTER_NAME, type ResourceType } from '@rivven/protocol'
import { bitOf, type Operations } from '../security/acls/operations.js'
import { type Caller, mayOnCluster } from './rights/denial.js'

/** The value of the field where nobody asked, or may not know. */
export const notAsked = operationsNotAsked

type Described = Extract<ResourceType, 'TOPIC' | 'GROUP' | 'CLUSTER'>

/** What makes sense for each kind of resource (KIP-430). */
const sensible: Readonly<Record<Described, Operations>> = {
  TOPIC: bits('READ', 'WRITE', 'CREATE', 'DESCRIBE', 'DELETE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'),
  GROUP: bits('READ', 'DESCRIBE', 'DELETE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'),
  CLUSTER: bits(
    'CREATE',
    'CLUSTER_ACTION',
    'DESCRIBE_CONFIGS',
    'ALTER_CONFIGS',
    'IDEMPOTENT_WRITE',
    'ALTER',
    'DESCRIBE',
  ),
}

function bits(...operations: AclOperation[]): Operations {
  return operations.reduce((field, operation) => field | bitOf(operation), 0)
}

/** The bit field of an answer: what its caller may do with one resource (security.md §9.1). */
export function authorizedOperations({ access }: Caller, type: Described, name: string): number {
  return access.operationsOn(type, name) & sensible[type]
}

/** The same of the cluster, where it was asked for; nothing for who may not describe it. */
export function clusterOperations(isAsked: boolean, caller: Caller): number {
  if (!isAsked) return notAsked
  return mayOnCluster(caller, 'DESCRIBE') ? authorizedOperations(caller, 'CLUSTER', CLUSTER_NAME) : 0
}
