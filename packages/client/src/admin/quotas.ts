import type { ErrorFacts } from '@rivven/link'
import { AlterClientQuotas, DescribeClientQuotas, ErrorCode, type RequestOf, type ResponseOf } from '@rivven/protocol'
import { type AdminCalls, asRequest, resourceError, throwFailures } from './calls.js'

/** What may be limited, by Kafka's names: see `Quotas`. */
export type QuotaKey = (typeof quotaKeys)[number]

export const quotaKeys = [
  'producer_byte_rate',
  'consumer_byte_rate',
  'request_percentage',
  'controller_mutation_rate',
  'connection_creation_rate',
] as const

/**
 * How much a second: bytes of Produce requests and of Fetch answers, percent of a broker's time, partitions made or removed, and,
 * of an ip alone, connections.
 */
export type Quotas = Partial<Record<QuotaKey, number>>

/** Whom quotas are for: a user, a client id, a user with a client id, or an ip alone. null: all who have none of their own. */
export interface QuotaEntity {
  user?: string | null
  clientId?: string | null
  ip?: string | null
}

/** The quotas of one entity. */
export interface QuotaDescription extends QuotaEntity {
  quotas: Quotas
}

/** What changes for one entity: a number sets, null takes away, what is not named stays. */
export interface QuotaChange extends QuotaEntity {
  quotas: { [Key in QuotaKey]?: number | null }
}

/** Which entities are meant: a name, null for the default, or true for any. What is left out does not matter. */
export interface QuotaFilter {
  user?: string | null | true
  clientId?: string | null | true
  ip?: string | null | true
  /** Only entities that have nothing but what is named here. Default false. */
  strict?: boolean
}

/** Kafka's names of the types of entities. */
const entityTypes = { user: 'user', clientId: 'client-id', ip: 'ip' } as const
type EntityField = keyof typeof entityTypes
const entityFields = Object.keys(entityTypes) as EntityField[]

const MatchType = { EXACT: 0, DEFAULT: 1, ANY: 2 } as const

export async function describeQuotas(calls: AdminCalls, filter: QuotaFilter): Promise<QuotaDescription[]> {
  const components = entityFields.flatMap((field) => componentOf(field, filter[field]))
  const request = asRequest(DescribeClientQuotas, { components, strict: filter.strict ?? false })
  const answer = await calls.toController(DescribeClientQuotas, request, ({ errorCode }) => [errorCode])
  const facts = { operation: 'DESCRIBE_CONFIGS' }
  if (answer.errorCode !== ErrorCode.NONE) throw resourceError(answer, 'Describing quotas', facts)
  return (answer.entries ?? []).map(descriptionOf)
}

export async function alterQuotas(
  calls: AdminCalls,
  changes: readonly QuotaChange[],
  validateOnly: boolean,
): Promise<void> {
  const entries = changes.map(({ quotas, ...entity }) => ({
    entity: entityFields.flatMap((field) => partOf(field, entity[field])),
    // One that goes has no value: 0 stands there.
    ops: Object.entries(quotas).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
  }))
  const request = asRequest(AlterClientQuotas, { entries, validateOnly })
  const answer = await calls.toController(AlterClientQuotas, request, (answer) =>
    answer.entries.map(({ errorCode }) => errorCode),
  )
  throwFailures(answer.entries, ({ entity }) => {
    const named = entityOf(entity)
    return { what: `Changing the quotas of ${quotaEntityText(named)}`, facts: factsOf(named) }
  })
}

/** An entity in words: `user alice with client-id copier`, `the default client-id`. */
export function quotaEntityText(entity: QuotaEntity): string {
  const parts = entityFields.flatMap((field) => {
    const name = entity[field]
    if (name === undefined) return []
    return [name === null ? `the default ${entityTypes[field]}` : `${entityTypes[field]} ${name}`]
  })
  return parts.join(' with ')
}

type Component = RequestOf<typeof DescribeClientQuotas>['components'][number]

function componentOf(field: EntityField, wanted: string | null | true | undefined): Component[] {
  if (wanted === undefined) return []
  const match = wanted === true ? null : wanted
  const matchType = wanted === true ? MatchType.ANY : wanted === null ? MatchType.DEFAULT : MatchType.EXACT
  return [{ entityType: entityTypes[field], matchType, match }]
}

function partOf(field: EntityField, entityName: string | null | undefined) {
  return entityName === undefined ? [] : [{ entityType: entityTypes[field], entityName }]
}

type WireEntry = NonNullable<ResponseOf<typeof DescribeClientQuotas>['entries']>[number]

function descriptionOf({ entity, values }: WireEntry): QuotaDescription {
  return { ...entityOf(entity), quotas: Object.fromEntries(values.map(({ key, value }) => [key, value])) }
}

function entityOf(parts: WireEntry['entity']): QuotaEntity {
  const entity: QuotaEntity = {}
  for (const field of entityFields) {
    const part = parts.find(({ entityType }) => entityType === entityTypes[field])
    if (part) entity[field] = part.entityName
  }
  return entity
}

/** Of the default there is no name. */
function factsOf(entity: QuotaEntity): ErrorFacts {
  const named = entityFields.filter((field) => typeof entity[field] === 'string')
  return { ...Object.fromEntries(named.map((field) => [field, entity[field]])), operation: 'ALTER_CONFIGS' }
}
