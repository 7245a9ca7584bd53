import { type AclOperation, CLUSTER_NAME, ErrorCode, type ResourceType } from '@rivven/protocol'
import type { Access } from '../../security/access.js'

type Guarded = Extract<ResourceType, 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID' | 'CLUSTER'>

const errors: Readonly<Record<Guarded, number>> = {
  TOPIC: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  GROUP: ErrorCode.GROUP_AUTHORIZATION_FAILED,
  TRANSACTIONAL_ID: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  CLUSTER: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
}

/** Who asks; the context of every request. */
export interface Caller {
  readonly access: Access
}

/** NONE, or the error that says the caller may not do this. Asked of the caller as it is now, each time. */
export function denial({ access }: Caller, operation: AclOperation, type: Guarded, name: string): number {
  return access.may(operation, type, name) ? ErrorCode.NONE : errors[type]
}

export function clusterDenial(caller: Caller, operation: AclOperation): number {
  return denial(caller, operation, 'CLUSTER', CLUSTER_NAME)
}

export function mayOnCluster({ access }: Caller, operation: AclOperation): boolean {
  return access.may(operation, 'CLUSTER', CLUSTER_NAME)
}

export function mayOnTopic({ access }: Caller, operation: AclOperation, name: string): boolean {
  return access.may(operation, 'TOPIC', name)
}
