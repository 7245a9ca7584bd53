import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { ScramMechanism } from '@rivven/protocol'
import { type ScramCredential, scramHashes } from './scram-credential.js'

/** PBKDF2 of a password: the salted password of RFC 5802. */
export type DeriveKey = (
  mechanism: ScramMechanism,
  password: string,
  how: Pick<ScramCredential, 'salt' | 'iterations'>,
) => Promise<Buffer>

const derive = promisify(pbkdf2)

/** On a thread of libuv's pool. */
export const deriveKey: DeriveKey = (mechanism, password, { salt, iterations }) => {
  const { name, size } = scramHashes[mechanism]
  return derive(password, salt, iterations, size, name)
}
