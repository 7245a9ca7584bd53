import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Hashing, Random } from '@rivven/runtime'
import { randomBytesOf } from '../random-bytes.js'
import { keysOf, type ScramCredential, saltedPassword } from './scram-credential.js'
import type { UserStore } from './user-store.js'

export interface PasswordCheck {
  /** At once where it is remembered. Takes as long for a user that does not exist. */
  isRight(user: string, password: string): boolean | Promise<boolean>
}

export interface PasswordCheckOptions {
  readonly users: Pick<UserStore, 'passwordCredentialOf'>
  readonly random: Random
  readonly hashing: Hashing
}

/** The pool that computes also flushes files: it has four threads. */
const mostAtOnce = 2
const mostWaiting = 1000

/**
 * Checks passwords against the credentials that users have for SCRAM. One that was right is remembered, as a hash under a
 * key that lives as long as the process: clients that all come back at once cost nothing.
 */
export class PasswordChecks implements PasswordCheck {
  readonly #options: PasswordCheckOptions
  readonly #key: Buffer
  /** By the credential itself: a new password is a new one. */
  readonly #right = new WeakMap<ScramCredential, Buffer>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(options: PasswordCheckOptions) {
    this.#options = options
    this.#key = randomBytesOf(options.random, 32)
  }

  isRight(user: string, password: string): boolean | Promise<boolean> {
    const { users, hashing } = this.#options
    const { isKnown, mechanism, credential } = users.passwordCredentialOf(user)
    const mark = createHmac('sha256', this.#key).update(password).digest()
    if (this.#isRemembered(credential, mark)) return true
    // Too many come: those who wait are served, the others are not kept waiting.
    if (this.#waiting.length >= mostWaiting) return false
    return this.#inTurn(async () => {
      // Another connection of the same client may have been first.
      if (this.#isRemembered(credential, mark)) return true
      const salted = await saltedPassword(hashing, mechanism, { password, ...credential })
      const isSame = timingSafeEqual(keysOf(mechanism, salted).storedKey, credential.storedKey)
      if (isSame && isKnown) this.#right.set(credential, mark)
      return isSame && isKnown
    })
  }

  #isRemembered(credential: ScramCredential, mark: Buffer): boolean {
    const right = this.#right.get(credential)
    return right !== undefined && timingSafeEqual(right, mark)
  }

  async #inTurn(check: () => Promise<boolean>): Promise<boolean> {
    if (this.#running >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await check()
    } finally {
      // Whoever is next takes the place.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
