import { ConfigError } from '../../config/config-error.js'
import { addressOf } from '../../security/quotas/address.js'

interface Keys {
  readonly max_connections_per_ip: number
  readonly max_connections_per_ip_overrides: string
}

const NO_LIMIT = 2_147_483_647

/** How many connections each address has, and may have. */
export class AddressLimits {
  readonly #usual: number
  readonly #overrides: ReadonlyMap<string, number>
  readonly #counts = new Map<string, number>()

  /** Throws ConfigError. */
  constructor({ max_connections_per_ip: usual, max_connections_per_ip_overrides: overrides }: Keys) {
    this.#usual = usual
    this.#overrides = overridesOf(overrides)
  }

  /** Counts one more; false, and not counted: there are as many as there may be. */
  enter(host: string): boolean {
    if (this.#usual === NO_LIMIT && this.#overrides.size === 0) return true
    const count = this.#counts.get(host) ?? 0
    if (count >= (this.#overrides.get(host) ?? this.#usual)) return false
    this.#counts.set(host, count + 1)
    return true
  }

  leave(host: string): void {
    const count = this.#counts.get(host)
    if (count === undefined) return
    if (count === 1) this.#counts.delete(host)
    else this.#counts.set(host, count - 1)
  }
}

/** `address:count` with commas between. */
function overridesOf(text: string): ReadonlyMap<string, number> {
  const items = text.split(',').map((item) => item.trim())
  return new Map(items.filter((item) => item !== '').map(overrideOf))
}

function overrideOf(item: string): [string, number] {
  const colon = item.lastIndexOf(':')
  const address = addressOf(item.slice(0, colon).replace(/^\[(.*)\]$/, '$1'))
  const count = /^\d+$/.test(item.slice(colon + 1)) ? Number(item.slice(colon + 1)) : Number.NaN
  if (colon > 0 && address !== undefined && count <= NO_LIMIT) return [address, count]
  throw new ConfigError(
    `max_connections_per_ip_overrides has '${item}', which is no address and number of connections, for example ` +
      '10.0.0.5:200 or [fd00::5]:200.',
  )
}
