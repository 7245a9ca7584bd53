import { type Check, checks } from '@rivven/config'
import type { ScramMechanism } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { listDocument, readStored } from '../../storage/stored-document.js'
import { type ScramCredential, scramHashes } from './scram-credential.js'
import { scramKinds, type Users } from './users.js'

export const USER_DOCUMENT = 'users'

export interface UserDocument {
  /** What the salts of users that do not exist are made of. */
  readonly secret: Buffer
  readonly users: Users
}

interface StoredUsers {
  readonly version: 1
  readonly secret: string
  readonly users: readonly StoredUser[]
}

interface StoredUser {
  readonly name: string
  readonly credentials: readonly StoredCredential[]
}

interface StoredCredential {
  readonly mechanism: ScramMechanism
  readonly iterations: number
  readonly salt: string
  readonly storedKey: string
  readonly serverKey: string
}

const base64 = checks.fitting('base64', (value) => typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value))

const credentialFields = checks.object<StoredCredential>({
  mechanism: checks.oneOf(...scramKinds),
  iterations: checks.whole(1),
  salt: base64,
  storedKey: base64,
  serverKey: base64,
})

const credentialCheck: Check = (value, name) => {
  const misfit = credentialFields(value, name)
  if (misfit) return misfit
  const { mechanism, storedKey, serverKey } = value as StoredCredential
  const { size } = scramHashes[mechanism]
  const isWhole = [storedKey, serverKey].every((key) => Buffer.from(key, 'base64').length === size)
  return isWhole ? undefined : { text: `${name} has keys that are not of ${size} bytes.` }
}

const documentCheck = checks.object<StoredUsers>({
  version: checks.anything,
  secret: base64,
  users: checks.listOf(checks.object<StoredUser>({ name: checks.text, credentials: checks.listOf(credentialCheck) })),
})

/** @throws StoredDataError */
export function readUsers(content: Buffer): UserDocument {
  const { secret, users } = readStored<StoredUsers>(USER_DOCUMENT, content, documentCheck)
  return {
    secret: Buffer.from(secret, 'base64'),
    users: new Map(users.map(({ name, credentials }) => [name, new Map(credentials.map(readCredential))])),
  }
}

export function writeUsers({ secret, users }: UserDocument, clock: Clock): Promise<Buffer> {
  const head = `{"version":1,"secret":${JSON.stringify(secret.toString('base64'))},"users":`
  return listDocument(head, userTexts(users), clock)
}

function* userTexts(users: Users): Generator<string> {
  for (const [name, credentials] of users) {
    const stored: StoredUser = { name, credentials: Array.from(credentials, storedCredential) }
    yield JSON.stringify(stored)
  }
}

function storedCredential([mechanism, credential]: readonly [ScramMechanism, ScramCredential]): StoredCredential {
  const { iterations, salt, storedKey, serverKey } = credential
  return {
    mechanism,
    iterations,
    salt: salt.toString('base64'),
    storedKey: storedKey.toString('base64'),
    serverKey: serverKey.toString('base64'),
  }
}

function readCredential({ mechanism, iterations, ...stored }: StoredCredential) {
  const [salt, storedKey, serverKey] = [stored.salt, stored.storedKey, stored.serverKey].map((text) =>
    Buffer.from(text, 'base64'),
  ) as [Buffer, Buffer, Buffer]
  return [mechanism, { iterations, salt, storedKey, serverKey }] as const
}
