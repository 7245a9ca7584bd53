import { type ErrorName, type ScramMechanism, scramMechanisms } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { mapInTurns } from '../../breath.js'
import { type ChangeResult, refused } from '../change-result.js'
import { keysOf, type ScramCredential, scramHashes } from './scram-credential.js'
import type { Users } from './users.js'

/** A mechanism as a request has it. */
type AskedMechanism = ScramMechanism | 'UNKNOWN'

export interface ScramDeletion {
  readonly name: string
  readonly mechanism: AskedMechanism
}

export interface ScramUpsertion {
  readonly name: string
  readonly mechanism: AskedMechanism
  readonly iterations: number
  readonly salt: Buffer
  /** What PBKDF2 makes of the password: only keys made of it are kept. */
  readonly saltedPassword: Buffer
}

export interface UserAlterations {
  readonly deletions: readonly ScramDeletion[]
  readonly upsertions: readonly ScramUpsertion[]
}

/** What is to become of one credential of a user; null: it goes. */
export interface CredentialChange {
  readonly mechanism: ScramMechanism
  readonly credential: ScramCredential | null
}

export interface AlterationPlan {
  readonly changes: ReadonlyMap<string, CredentialChange>
  readonly refusals: ReadonlyMap<string, ChangeResult>
}

/**
 * KIP-554: each user may be named once. What fails first is the answer for a user, and nothing is done for it; being named
 * again counts before what the second mention says.
 */
export async function planAlterations(
  { deletions, upsertions }: UserAlterations,
  users: Users,
  clock: Clock,
): Promise<AlterationPlan> {
  const changes = new Map<string, CredentialChange>()
  const refusals = new Map<string, ChangeResult>()
  const take = (name: string, change: CredentialChange | ChangeResult): void => {
    if (refusals.has(name)) return
    if (changes.delete(name)) refusals.set(name, twice)
    else if ('error' in change) refusals.set(name, change)
    else changes.set(name, change)
  }
  await mapInTurns(deletions, clock, (deletion) => take(deletion.name, changeByDeletion(deletion, users)))
  await mapInTurns(upsertions, clock, (upsertion) => take(upsertion.name, changeByUpsertion(upsertion)))
  return { changes, refusals }
}

const twice = refused('DUPLICATE_RESOURCE', 'A user may be named only once in a request.')
const fewestIterations = 4096
/** A client has to do them all at each login, and so has the server where the password comes in the clear. */
const mostIterations = 16_384
const mostSaltBytes = 1024
const mostNameBytes = 4096

function changeByDeletion({ name, mechanism }: ScramDeletion, users: Users): CredentialChange | ChangeResult {
  const fault = nameFault(name)
  if (fault !== undefined) return fault
  if (mechanism === 'UNKNOWN') return unknownMechanism()
  if (users.get(name)?.has(mechanism)) return { mechanism, credential: null }
  return refused('RESOURCE_NOT_FOUND', `The user has no credential for ${mechanism}.`)
}

function changeByUpsertion({ name, mechanism, ...asked }: ScramUpsertion): CredentialChange | ChangeResult {
  const { iterations, salt, saltedPassword } = asked
  const fault = nameFault(name)
  if (fault !== undefined) return fault
  if (mechanism === 'UNKNOWN') return unknownMechanism()
  if (iterations < fewestIterations || iterations > mostIterations)
    return unacceptable(`there must be ${fewestIterations} to ${mostIterations} iterations`)
  if (salt.length === 0 || salt.length > mostSaltBytes) return unacceptable(`a salt has 1 to ${mostSaltBytes} bytes`)
  const { size } = scramHashes[mechanism]
  if (saltedPassword.length !== size) return unacceptable(`the salted password of ${mechanism} has ${size} bytes`)
  // What a request has is a part of its frame.
  return { mechanism, credential: { iterations, salt: Buffer.from(salt), ...keysOf(mechanism, saltedPassword) } }
}

function nameFault(name: string): ChangeResult | undefined {
  if (name === '') return unacceptable('the name of a user is not empty')
  if (name === '*') return unacceptable('the name * means everybody')
  if (Buffer.byteLength(name) > mostNameBytes)
    return unacceptable(`the name of a user has at most ${mostNameBytes} bytes`)
  return undefined
}

function unknownMechanism(): ChangeResult {
  const known = scramMechanisms.names.filter((name) => name !== 'UNKNOWN').join(', ')
  return no('UNSUPPORTED_SASL_MECHANISM', `known mechanisms are ${known}`)
}

function unacceptable(reason: string): ChangeResult {
  return no('UNACCEPTABLE_CREDENTIAL', reason)
}

function no(error: ErrorName, reason: string): ChangeResult {
  return refused(error, `No credential: ${reason}.`)
}
