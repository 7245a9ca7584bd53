import { type ChangeResult, changed, refused } from '../change-result.js'
import { type EntityQuotas, entityId, type QuotaEntity, type QuotaKey, type Quotas } from './quota.js'
import { entityFault, valueFault } from './quota-rules.js'

/** What a request asks for one entity; it may name what is none. */
export interface QuotaAlteration {
  readonly entity: readonly { readonly type: string; readonly name: string | null }[]
  readonly ops: readonly QuotaOperation[]
}

export interface QuotaOperation {
  readonly key: string
  readonly value: number
  /** The key goes, whatever its value; one that is not there, or none at all, is no error. */
  readonly remove: boolean
}

export interface AlteredEntity extends ChangeResult {
  readonly entity: QuotaAlteration['entity']
}

/**
 * What becomes of `quotas`, which are changed, and one answer for each entity that is named. Of one with an error nothing is
 * done; one that is named again has that error, and what its first mention asked for stays, as in Kafka.
 */
export function alterQuotas(
  quotas: Map<string, EntityQuotas>,
  alterations: readonly QuotaAlteration[],
  mostEntities: number,
): AlteredEntity[] {
  const results = new Map<string, AlteredEntity>()
  for (const { entity, ops } of alterations) {
    const id = entityId(entity)
    const result = results.has(id)
      ? invalid('an entity is named twice')
      : alter(quotas, { id, entity, ops, mostEntities })
    results.set(id, { entity, ...result })
  }
  return [...results.values()]
}

interface Asked extends QuotaAlteration {
  readonly id: string
  readonly mostEntities: number
}

function alter(quotas: Map<string, EntityQuotas>, { id, entity, ops, mostEntities }: Asked): ChangeResult {
  const fault = entityFault(entity) ?? opsFault(entity as QuotaEntity, ops)
  if (fault !== undefined) return invalid(fault)
  const before = quotas.get(id)
  const values = new Map<string, number>(before?.values)
  for (const { key, value, remove } of ops) {
    if (remove) values.delete(key)
    else values.set(key, value)
  }
  if (values.size === 0) quotas.delete(id)
  else if (!before && quotas.size >= mostEntities)
    return refused('POLICY_VIOLATION', `There are quotas for ${mostEntities} entities, and there may be no more.`)
  else quotas.set(id, { entity: entity as QuotaEntity, values: values as Map<QuotaKey, number> })
  return changed
}

function opsFault(entity: QuotaEntity, ops: readonly QuotaOperation[]): string | undefined {
  const keys = new Set<string>()
  for (const { key, value, remove } of ops) {
    if (keys.has(key)) return 'a key is named twice'
    keys.add(key)
    const fault = remove ? undefined : valueFault(entity, key, value)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** Whether quotas are others than before. */
export function areOthers(before: Quotas, after: Quotas): boolean {
  return before.size !== after.size || [...after].some(([id, quotas]) => before.get(id) !== quotas)
}

function invalid(reason: string): ChangeResult {
  return refused('INVALID_REQUEST', `No quota: ${reason}.`)
}
