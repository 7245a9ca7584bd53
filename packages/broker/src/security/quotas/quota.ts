/** Whom a quota is for: a user, a client id or both, or an address alone (KIP-124, 257, 612). */
export type QuotaEntity = readonly QuotaEntityPart[]

export interface QuotaEntityPart {
  readonly type: QuotaEntityType
  /** Null: the default, for all who have none of their own. */
  readonly name: string | null
}

export const quotaEntityTypes = ['user', 'client-id', 'ip'] as const
export type QuotaEntityType = (typeof quotaEntityTypes)[number]

/** What may be limited: bytes, percent of the event loop, partitions, connections; each a second. */
export type ClientQuotaKey =
  | 'producer_byte_rate'
  | 'consumer_byte_rate'
  | 'request_percentage'
  | 'controller_mutation_rate'
export type QuotaKey = ClientQuotaKey | 'connection_creation_rate'

/** All quotas of one entity. */
export interface EntityQuotas {
  readonly entity: QuotaEntity
  readonly values: ReadonlyMap<QuotaKey, number>
}

/** By `entityId`. */
export type Quotas = ReadonlyMap<string, EntityQuotas>

/** Equal for the same entity, in whichever order its parts are named. */
export function entityId(entity: readonly { readonly type: string; readonly name: string | null }[]): string {
  return JSON.stringify(
    entity.map(({ type, name }) => [type, name]).sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1)),
  )
}

export function isQuotaEntityType(text: string): text is QuotaEntityType {
  return (quotaEntityTypes as readonly string[]).includes(text)
}
