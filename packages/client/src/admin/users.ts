import { createHash } from 'node:crypto'
import {
  AlterUserScramCredentials,
  DescribeUserScramCredentials,
  ErrorCode,
  scramMechanisms,
  type ScramMechanism as WireMechanism,
} from '@rivven/protocol'
import type { Random } from '@rivven/runtime'
import { type AdminCalls, asRequest, resourceError, throwFailures } from './calls.js'

export type ScramMechanism = 'scram-sha-256' | 'scram-sha-512'

/** A user and how it may log in. */
export interface UserDescription {
  user: string
  credentials: { mechanism: ScramMechanism; iterations: number }[]
}

/** A credential that a user gets, new or in place of the one for that mechanism, or one that it loses. */
export type UserChange =
  | {
      user: string
      mechanism: ScramMechanism
      password: string
      /** How costly guessing is, 4096 to 16384. Default 8192. */
      iterations?: number
    }
  | { user: string; mechanism: ScramMechanism; delete: true }

type NewCredential = Exclude<UserChange, { delete: true }>

const usualIterations = 8192
const saltBytes = 16

export async function describeUsers(calls: AdminCalls, users?: readonly string[]): Promise<UserDescription[]> {
  if (users?.length === 0) return []
  // An empty list asks for all, as null does; to null Kafka sends no answer at all where one may not ask.
  const request = asRequest(DescribeUserScramCredentials, { users: (users ?? []).map((name) => ({ name })) })
  const answer = await calls.toController(DescribeUserScramCredentials, request, ({ errorCode }) => [errorCode])
  const facts = { operation: 'DESCRIBE' }
  if (answer.errorCode !== ErrorCode.NONE) throw resourceError(answer, 'Describing users', facts)
  throwFailures(answer.results, ({ user }) => ({ what: `Describing user ${user}`, facts: { ...facts, user } }))
  return answer.results.map(({ user, credentialInfos }) => ({
    user,
    credentials: credentialInfos.map(({ mechanism, iterations }) => {
      return { mechanism: scramMechanisms.nameOf(mechanism).toLowerCase() as ScramMechanism, iterations }
    }),
  }))
}

/** The broker never sees a password: it gets what SCRAM keeps of it. */
export async function alterUsers(calls: AdminCalls, changes: readonly UserChange[]): Promise<void> {
  const deletions = changes
    .filter(isDeletion)
    .map(({ user, mechanism }) => ({ name: user, mechanism: codeOf(mechanism) }))
  const credentials = changes.filter((change): change is NewCredential => !isDeletion(change))
  const upsertions = await Promise.all(credentials.map((credential) => salted(calls, credential)))
  const request = asRequest(AlterUserScramCredentials, { deletions, upsertions })
  const answer = await calls.toController(AlterUserScramCredentials, request, ({ results }) =>
    results.map(({ errorCode }) => errorCode),
  )
  throwFailures(answer.results, ({ user }) => ({ what: `Changing user ${user}`, facts: { operation: 'ALTER', user } }))
}

async function salted(calls: AdminCalls, { user, mechanism, password, iterations = usualIterations }: NewCredential) {
  const { hashing, random } = calls.cluster.runtime
  const digest = mechanism === 'scram-sha-256' ? 'sha256' : 'sha512'
  const salt = saltOf(random)
  const saltedPassword = await hashing.pbkdf2(digest, Buffer.from(password), salt, iterations)
  return { name: user, mechanism: codeOf(mechanism), iterations, salt, saltedPassword }
}

/** All bytes of it random, which those of a UUID are not. */
function saltOf(random: Random): Buffer {
  return createHash('sha256').update(`${random.uuid()}${random.uuid()}`).digest().subarray(0, saltBytes)
}

function isDeletion(change: UserChange): change is UserChange & { delete: true } {
  return 'delete' in change
}

function codeOf(mechanism: ScramMechanism): number {
  return scramMechanisms.codeOf(mechanism.toUpperCase() as WireMechanism)
}
