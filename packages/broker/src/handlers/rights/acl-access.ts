import { ErrorCode } from '@rivven/protocol'
import type { AclStore } from '../../security/acls/acl-store.js'
import type { BrokerServices } from '../handler.js'
import { type Caller, clusterDenial } from './denial.js'

/** The ACLs, or why they are not for this caller. */
export type AclAccess = { readonly acls: AclStore } | { readonly errorCode: number; readonly errorMessage: string }

/** Without an authorizer there are no ACLs for anybody (SECURITY_DISABLED), whoever asks. */
export function aclAccess(
  { security }: Pick<BrokerServices, 'security'>,
  caller: Caller,
  operation: 'DESCRIBE' | 'ALTER',
): AclAccess {
  if (security.acls === null)
    return {
      errorCode: ErrorCode.SECURITY_DISABLED,
      errorMessage: 'There is no authorizer: set authorizer_class_name to standard.',
    }
  const errorCode = clusterDenial(caller, operation)
  if (errorCode === ErrorCode.NONE) return { acls: security.acls }
  return { errorCode, errorMessage: `This needs ${operation} on the cluster.` }
}
