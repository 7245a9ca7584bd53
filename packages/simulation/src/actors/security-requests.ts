import { createHash } from 'node:crypto'
import type { Cluster } from '@rivven/client'
import {
  AlterUserScramCredentials,
  aclOperations,
  aclPermissionTypes,
  CreateAcls,
  DeleteAcls,
  ErrorCode,
  resourceTypes,
  type ScramMechanism,
  scramMechanisms,
} from '@rivven/protocol'
import type { SecurityPlan } from '../plan/plan.js'
import type { Right } from '../plan/rights.js'
import { passwordText } from './doors.js'

export type Permission = 'ALLOW' | 'DENY'

/** As few as are taken: each costs time. */
const iterations = 4096

/** Makes ACLs. Whether all are there. */
export async function createAcls(cluster: Cluster, permission: Permission, rights: readonly Right[]): Promise<boolean> {
  const creations = rights.map((right) => ({
    resourceType: resourceTypes.codeOf(right.type),
    resourceName: right.name,
    ...ruleOf(right, permission),
    principal: `User:${right.user}`,
    host: '*',
  }))
  const { results } = await cluster.send('any', CreateAcls, { creations })
  return results.every(({ errorCode }) => errorCode === ErrorCode.NONE)
}

/** Takes one ACL away. Whether it is gone. */
export async function deleteAcl(cluster: Cluster, permission: Permission, right: Right): Promise<boolean> {
  const filter = {
    resourceTypeFilter: resourceTypes.codeOf(right.type),
    resourceNameFilter: right.name,
    ...ruleOf(right, permission),
    principalFilter: `User:${right.user}`,
    hostFilter: '*',
  }
  const { filterResults } = await cluster.send('any', DeleteAcls, { filters: [filter] })
  return filterResults.every(({ errorCode }) => errorCode === ErrorCode.NONE)
}

function ruleOf({ operation }: Right, permission: Permission): { operation: number; permissionType: number } {
  return { operation: aclOperations.codeOf(operation), permissionType: aclPermissionTypes.codeOf(permission) }
}

/** Makes a user, or gives it its next password. Whether that counts. */
export async function setPassword(
  cluster: Cluster,
  { mechanism }: SecurityPlan,
  { user, number }: { user: string; number: number },
): Promise<boolean> {
  // PLAIN is checked against any.
  const kind: ScramMechanism = mechanism === 'scram-sha-512' ? 'SCRAM-SHA-512' : 'SCRAM-SHA-256'
  const digest = kind === 'SCRAM-SHA-512' ? 'sha512' : 'sha256'
  const text = passwordText(user, number)
  // The same for the same password in each run, which then costs nothing.
  const salt = createHash('sha256').update(text).digest().subarray(0, 16)
  const saltedPassword = await cluster.runtime.hashing.pbkdf2(digest, Buffer.from(text), salt, iterations)
  const upsertion = { name: user, mechanism: scramMechanisms.codeOf(kind), iterations, salt, saltedPassword }
  const { results } = await cluster.send('any', AlterUserScramCredentials, { upsertions: [upsertion] })
  return results.every(({ errorCode }) => errorCode === ErrorCode.NONE)
}
