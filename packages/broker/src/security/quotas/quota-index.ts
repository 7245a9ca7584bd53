import { addressOf } from './address.js'
import type { ClientQuotaKey, QuotaKey, Quotas } from './quota.js'

/** Somebody who asks; a client without an id has ''. */
export interface QuotaClient {
  readonly user: string
  readonly clientId: string
}

/** What may come a second, and the name of the count that it is for: others may share it. */
export interface Limit {
  readonly rate: number
  readonly count: string
}

/** Quotas of one key. Null: the default of users, or of client ids. */
interface KeyQuotas {
  readonly pairs: Map<string | null, Map<string | null, number>>
  readonly users: Map<string | null, number>
  readonly clients: Map<string | null, number>
}

/** Whose quota counts for whom. */
export class QuotaIndex {
  readonly #byKey = new Map<QuotaKey, KeyQuotas>()
  /** By one spelling of their addresses. */
  readonly #addresses = new Map<string | null, number>()

  constructor(quotas: Quotas) {
    for (const { entity, values } of quotas.values()) {
      const names = new Map(entity.map(({ type, name }) => [type, name]))
      for (const [key, rate] of values) this.#add(names, key, rate)
    }
  }

  get hasClients(): boolean {
    return this.#byKey.size > 0
  }

  get hasAddresses(): boolean {
    return this.#addresses.size > 0
  }

  /** Kafka's order: the user's quota for this client, for any, for all of them together; then those of any user; then of the client. */
  limitOf(key: ClientQuotaKey, { user, clientId }: QuotaClient): Limit | undefined {
    const quotas = this.#byKey.get(key)
    if (!quotas) return undefined
    for (const owner of [user, null]) {
      const ofPair = named(quotas.pairs.get(owner), clientId)
      if (ofPair !== undefined) return { rate: ofPair, count: `${key} ${user.length} ${user} ${clientId}` }
      const ofUser = quotas.users.get(owner)
      if (ofUser !== undefined) return { rate: ofUser, count: `${key} user ${user}` }
    }
    const ofClient = named(quotas.clients, clientId)
    return ofClient === undefined ? undefined : { rate: ofClient, count: `${key} client ${clientId}` }
  }

  /** Connections a second from the address. */
  addressRate(address: string): number | undefined {
    return named(this.#addresses, addressOf(address) ?? address)
  }

  #add(names: ReadonlyMap<string, string | null>, key: QuotaKey, rate: number): void {
    const [user, clientId, ip] = [names.get('user'), names.get('client-id'), names.get('ip')]
    if (ip !== undefined) {
      this.#addresses.set(ip === null ? null : (addressOf(ip) ?? ip), rate)
      return
    }
    const quotas: KeyQuotas = this.#byKey.get(key) ?? { pairs: new Map(), users: new Map(), clients: new Map() }
    this.#byKey.set(key, quotas)
    if (clientId === undefined) quotas.users.set(user ?? null, rate)
    else if (user === undefined) quotas.clients.set(clientId, rate)
    else quotas.pairs.set(user, (quotas.pairs.get(user) ?? new Map<string | null, number>()).set(clientId, rate))
  }
}

/** Its own, or the default. */
function named(quotas: ReadonlyMap<string | null, number> | undefined, name: string): number | undefined {
  return quotas?.get(name) ?? quotas?.get(null)
}
