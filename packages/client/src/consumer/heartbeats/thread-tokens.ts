import type { BearerToken, HeldToken, Tokens } from '@rivven/link'
import type { Clock } from '@rivven/runtime'

/** What the thread of the application says about tokens: only there is the function that asks for them. */
export type ThreadTokenOrder =
  | { readonly kind: 'token'; readonly token: HeldToken }
  | { readonly kind: 'no token'; readonly reason: string }

interface Waiting {
  resolve(token: BearerToken): void
  reject(error: Error): void
}

/** Tokens for connections of a thread: handed over ahead of time as a rule, asked for by message when none is at hand. */
export class ThreadTokens {
  readonly #clock: Clock
  readonly #ask: () => void
  readonly #waiting: Waiting[] = []

  constructor(clock: Clock, ask: () => void) {
    this.#clock = clock
    this.#ask = ask
  }

  /** The option `sasl.token` of this thread. */
  readonly wanted = (): Promise<BearerToken> => {
    const answer = new Promise<BearerToken>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    this.#ask()
    return answer
  }

  /** Takes an order; `tokens` are those of this thread's connections. */
  received(order: ThreadTokenOrder, tokens: Tokens | null): void {
    const waiting = this.#waiting.splice(0)
    if (order.kind === 'no token') {
      for (const { reject } of waiting) reject(new Error(order.reason))
      return
    }
    const { value, endsAt } = order.token
    const lifetimeMs = endsAt - this.#clock.monotonic()
    for (const { resolve } of waiting) resolve(lifetimeMs > 0 ? { value, lifetimeMs } : { value })
    tokens?.take(order.token)
  }
}
