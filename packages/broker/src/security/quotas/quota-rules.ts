import { addressOf } from './address.js'
import { type ClientQuotaKey, isQuotaEntityType, type QuotaEntity, type QuotaKey } from './quota.js'

interface QuotaRule {
  readonly isWhole: boolean
  /** No value is larger. */
  readonly most: number
}

const wholeLong: QuotaRule = { isWhole: true, most: 2 ** 63 - 1 }
const anyNumber: QuotaRule = { isWhole: false, most: Number.MAX_VALUE }

/** Of users and client ids. */
const clientRules: Readonly<Record<ClientQuotaKey, QuotaRule>> = {
  producer_byte_rate: wholeLong,
  consumer_byte_rate: wholeLong,
  request_percentage: anyNumber,
  controller_mutation_rate: anyNumber,
}
const addressRules: Readonly<Partial<Record<QuotaKey, QuotaRule>>> = {
  connection_creation_rate: { isWhole: true, most: 2 ** 31 - 1 },
}
/** What a fraction may be off a whole number, as in Kafka. */
const tolerance = 1e-6
const mostNameBytes = 4096

/** What keeps this from being an entity, in words. */
export function entityFault(
  entity: readonly { readonly type: string; readonly name: string | null }[],
): string | undefined {
  if (entity.length === 0) return 'nobody is named whom it is for'
  const types = entity.map(({ type }) => type)
  if (!types.every(isQuotaEntityType)) return 'it can be for user, client-id or ip, and nothing else'
  if (new Set(types).size < types.length) return 'the same type is named twice'
  if (types.includes('ip') && types.length > 1) return 'an ip stands alone'
  for (const { type, name } of entity) {
    if (name === null) continue
    if (name === '') return `the name of the ${type} is empty`
    if (Buffer.byteLength(name) > mostNameBytes) return `the name of the ${type} has more than ${mostNameBytes} bytes`
    if (type === 'ip' && addressOf(name) === undefined) return 'the ip is no address'
  }
  return undefined
}

/** What keeps the entity from having this value, in words. */
export function valueFault(entity: QuotaEntity, key: string, value: number): string | undefined {
  const rules: Readonly<Record<string, QuotaRule>> = entity[0]?.type === 'ip' ? addressRules : clientRules
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
  if (!rule) return `${entity.map(({ type }) => type).join(' with ')} can have ${Object.keys(rules).join(', ')}`
  if (!Number.isFinite(value) || value <= 0) return `${key} is above 0`
  if (value > rule.most) return `${key} is ${rule.most} at most`
  if (!rule.isWhole) return undefined
  const isWhole = Math.round(value) > 0 && Math.abs(value - Math.round(value)) <= tolerance
  return isWhole ? undefined : `${key} is a whole number`
}
