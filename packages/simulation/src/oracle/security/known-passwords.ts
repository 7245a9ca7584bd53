import type { Exchange, Seen, Timed } from '../../history/history.js'

interface Password {
  /** The one that counts for sure. */
  readonly number: number
  /** Asked for, and not answered yet: either may count. */
  readonly isChanging: boolean
}

interface Attempt {
  /** What the user's process knows. */
  readonly brought: number
  readonly counting: Password
}

const first: Password = { number: 0, isChanging: false }

/** Which password each user has, and with which one its process comes. */
export class KnownPasswords {
  readonly #counting = new Map<string, Password>()
  readonly #brought = new Map<string, number>()
  /** By handshake. */
  readonly #attempts = new WeakMap<Exchange, Attempt>()

  see(event: Timed<Seen>): void {
    if (event.kind === 'comes') this.#brought.set(event.user, event.password)
    if (event.kind !== 'password') return
    const { user, number, change } = event
    const counting = change === 'counts' ? { number, isChanging: false } : { ...this.#of(user), isChanging: true }
    this.#counting.set(user, counting)
  }

  /** A login begins. */
  begin(handshake: Exchange): void {
    const { host } = handshake
    this.#attempts.set(handshake, { brought: this.#brought.get(host) ?? 0, counting: this.#of(host) })
  }

  /** What is wrong with how a login ended. */
  problemOf(handshake: Exchange, isRefused: boolean): string | undefined {
    const { host } = handshake
    const attempt = this.#attempts.get(handshake)
    if (!attempt || attempt.counting.isChanging) return undefined
    const { brought, counting } = attempt
    if (!isRefused && brought < counting.number) return `${host} comes in with a password that is over`
    const isRight = brought === counting.number && this.#of(host) === counting
    return isRefused && isRight ? `${host} is refused with the right password` : undefined
  }

  /** Who comes in no more for sure has no password that counts. */
  isShutOutRightly(user: string): boolean {
    const { number, isChanging } = this.#of(user)
    return isChanging || (this.#brought.get(user) ?? 0) < number
  }

  #of(user: string): Password {
    return this.#counting.get(user) ?? first
  }
}
