import { pbkdf2, pbkdf2Sync } from 'node:crypto'
import type { Hashing } from '../runtime.js'

export const digestBytes = { sha256: 32, sha512: 64 } as const

/** On the threads that Node has for such work, four as a rule. */
export const nodeHashing: Hashing = {
  pbkdf2: (digest, password, salt, iterations) =>
    new Promise((resolve, reject) => {
      pbkdf2(password, salt, iterations, digestBytes[digest], digest, (error, key) =>
        error ? reject(error) : resolve(key),
      )
    }),
}

/** At once, on the same thread: for tests and simulations, which want one order of events. */
export const inlineHashing: Hashing = {
  pbkdf2: async (digest, password, salt, iterations) =>
    pbkdf2Sync(password, salt, iterations, digestBytes[digest], digest),
}
