import type { Clock } from '@rivven/runtime'
import { RecentlyUsed } from '../security/quotas/recently-used.js'
import type { Refusals } from './refusals.js'

/** So many failed logins of one address, within so long, are what people and deployments do. */
const USUAL = 20
const WITHIN_MS = 10_000
/** How late each further one is answered. */
const LATE_MS = 1_000

/** Failed logins by address, of Kafka's listeners and of HTTP: whoever tries passwords in a row becomes slow. */
export class FailedLogins {
  readonly #clock: Clock
  readonly #refusals: Refusals
  /** When the last ones were, by address. */
  readonly #times = new RecentlyUsed<number[]>(() => [])

  constructor(clock: Clock, refusals: Refusals) {
    this.#clock = clock
    this.#refusals = refusals
  }

  /** Counts a failed login. How late it is to be answered, in ms: `usualMs`, or a second where there were too many. */
  failed(host: string, usualMs: number): number {
    const now = this.#clock.monotonic()
    const times = this.#times.of(host, now)
    const oldest = times.length === USUAL ? (times.shift() as number) : Number.NEGATIVE_INFINITY
    times.push(now)
    if (now - oldest >= WITHIN_MS) return usualMs
    const text = 'an address fails to log in again and again: its failures are answered a second late'
    this.#refusals.tell({ level: 'warn', text, facts: { peer: host }, cause: `${text} ${host}` })
    return Math.max(usualMs, LATE_MS)
  }
}
