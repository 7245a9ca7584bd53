import type { Clock, Timer } from '@rivven/runtime'
import { RivvenError } from '../errors/errors.js'
import type { BearerToken } from './sasl-options.js'

/** A token that was handed out. Times are monotonic, and the same for all threads. */
export interface HeldToken {
  readonly value: string
  /** 80 % of its life are over: another one is asked for. */
  readonly renewAt: number
  readonly endsAt: number
}

/** How soon a token that could not be had ahead of time is asked for again, in milliseconds. */
const againMs = 5_000
const longestTimer = 2 ** 31 - 1

/** The token of all connections: asked for when one opens, and again when most of its life is over. */
export class Tokens {
  readonly #ask: () => Promise<HeldToken>
  readonly #clock: Clock
  #held: HeldToken | null = null
  #asking: Promise<HeldToken> | null = null

  constructor(ask: () => Promise<HeldToken>, clock: Clock) {
    this.#ask = ask
    this.#clock = clock
  }

  /** One that is good now. Rejects with AUTHENTICATION_FAILED when none can be had. */
  async current(): Promise<HeldToken> {
    const held = this.#held
    const now = this.#clock.monotonic()
    if (held && now < held.renewAt) return held
    this.#asking ??= this.#renew()
    // Until its end the old one is as good.
    return held && now < held.endsAt ? this.#asking.catch(() => held) : this.#asking
  }

  /** Takes one that somebody else was handed. */
  take(token: HeldToken): void {
    if (!this.#held || this.#held.endsAt < token.endsAt) this.#held = token
  }

  /** Tells `listener` of the token at once and of each one that follows it, ahead of time, until the returned function is called. */
  follow(listener: (token: HeldToken) => void): () => void {
    let timer: Timer | null = null
    let isOver = false
    const next = async (): Promise<void> => {
      const token = await this.current().catch(() => null)
      if (isOver) return
      if (token) listener(token)
      const delay = this.#untilNext(token)
      if (delay !== null) timer = this.#clock.setTimer(Math.min(delay, longestTimer), () => void next())
    }
    void next()
    return () => {
      isOver = true
      timer?.cancel()
    }
  }

  /** Of one that says nothing of its life nobody knows when to ask again: whoever logs in does. */
  #untilNext(token: HeldToken | null): number | null {
    const now = this.#clock.monotonic()
    if (token && token.endsAt <= now) return null
    return token && token.renewAt > now ? token.renewAt - now : againMs
  }

  async #renew(): Promise<HeldToken> {
    try {
      const token = await this.#ask()
      this.#held = token
      return token
    } catch (error) {
      throw tokenFailed(error)
    } finally {
      this.#asking = null
    }
  }
}

/** What an application's function gave, with its times. Throws when it is no token. */
export function heldToken(token: BearerToken, clock: Clock): HeldToken {
  const { value, lifetimeMs = lifetimeOf(value, clock.now()) } = Object(token) as BearerToken
  // RFC 6750, section 2.1; and nothing of it is shown.
  if (typeof value !== 'string' || !/^[\w.~+/-]+=*$/.test(value))
    throw new TypeError('sasl.token gave no { value, lifetimeMs } with a token as value')
  if (lifetimeMs !== undefined && !(lifetimeMs > 0)) throw new TypeError('sasl.token gave a token that is over')
  const now = clock.monotonic()
  const life = lifetimeMs ?? 0
  return { value, renewAt: now + 0.8 * life, endsAt: now + life }
}

/** How long a token is good that says so itself (JWT, RFC 7519), in milliseconds. */
function lifetimeOf(value: unknown, now: number): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(String(value).split('.')[1] ?? '', 'base64url').toString())
    const { exp } = Object(claims) as { exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 - now : undefined
  } catch {
    return undefined
  }
}

/** It may be there a moment later: whoever hands tokens out is a service like others. */
function tokenFailed(cause: unknown): RivvenError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new RivvenError('AUTHENTICATION_FAILED', `No token to log in with could be had: ${why}.`, {
    retriable: true,
    cause,
  })
}
