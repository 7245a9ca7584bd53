import { type AclOperation, CLUSTER_NAME, ErrorCode, type ResourceType } from '@rivven/protocol'
import type { Access } from '../../security/access.js'
import type { Asker, Audit } from '../../security/audit/audit.js'

type Guarded = Extract<ResourceType, 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID' | 'CLUSTER'>

const errors: Readonly<Record<Guarded, number>> = {
  TOPIC: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  GROUP: ErrorCode.GROUP_AUTHORIZATION_FAILED,
  TRANSACTIONAL_ID: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  CLUSTER: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
}

/** Who asks; the context of every request. */
export interface Caller extends Asker {
  readonly access: Access
  /** Hears of each denial. */
  readonly audit: Audit
}

/**
 * NONE, or the error that says the caller may not do this: it goes into the answer, and is told to the audit. Asked of the
 * caller as it is now, each time.
 */
export function denial(caller: Caller, operation: AclOperation, type: Guarded, name: string): number {
  if (caller.access.may(operation, type, name)) return ErrorCode.NONE
  caller.audit.denied(caller, operation, type, name)
  return errors[type]
}

export function clusterDenial(caller: Caller, operation: AclOperation): number {
  return denial(caller, operation, 'CLUSTER', CLUSTER_NAME)
}

/** May it? Where an answer just leaves out what is not for the caller, nothing was denied. */
export function mayOnCluster({ access }: Caller, operation: AclOperation): boolean {
  return access.may(operation, 'CLUSTER', CLUSTER_NAME)
}

export function mayOnTopic({ access }: Caller, operation: AclOperation, name: string): boolean {
  return access.may(operation, 'TOPIC', name)
}

export function mayOnGroup({ access }: Caller, operation: AclOperation, groupId: string): boolean {
  return access.may(operation, 'GROUP', groupId)
}
