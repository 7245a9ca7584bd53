import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '@rivven/runtime'
import { randomBytesOf } from '../random-bytes.js'
import type { PasswordCheck } from '../sasl/plain.js'
import { type DeriveKey, deriveKey } from './key-derivation.js'
import { keysOf, type ScramCredential } from './scram-credential.js'
import type { UserStore } from './user-store.js'

export interface PasswordCheckOptions {
  readonly users: Pick<UserStore, 'passwordCredentialOf'>
  readonly random: Random
  readonly derive?: DeriveKey
}

/** The pool that computes also flushes files: it has four threads. */
const mostAtOnce = 2
const mostWaiting = 1000

/**
 * Checks passwords against the credentials that users have for SCRAM. One that was right is remembered, as a hash under a
 * key that lives as long as the process: clients that all come back at once cost nothing.
 */
export class PasswordChecks implements PasswordCheck {
  readonly #options: Required<PasswordCheckOptions>
  readonly #key: Buffer
  /** By the credential itself: a new password is a new one. */
  readonly #right = new WeakMap<ScramCredential, Buffer>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({ users, random, derive = deriveKey }: PasswordCheckOptions) {
    this.#options = { users, random, derive }
    this.#key = randomBytesOf(random, 32)
  }

  isRight(user: string, password: string): boolean | Promise<boolean> {
    const { isKnown, mechanism, credential } = this.#options.users.passwordCredentialOf(user)
    const mark = createHmac('sha256', this.#key).update(password).digest()
    if (this.#isRemembered(credential, mark)) return true
    // Too many come: those who wait are served, the others are not kept waiting.
    if (this.#waiting.length >= mostWaiting) return false
    return this.#inTurn(async () => {
      // Another connection of the same client may have been first.
      if (this.#isRemembered(credential, mark)) return true
      const saltedPassword = await this.#options.derive(mechanism, password, credential)
      const isSame = timingSafeEqual(keysOf(mechanism, saltedPassword).storedKey, credential.storedKey)
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
