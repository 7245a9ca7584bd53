import { type Check, checks } from '@rivven/config'
import type { QuotaChange, QuotaFilter } from './quotas.js'

const { either, fitting, flag, object, optional, orNull, text } = checks

const rate = optional(
  fitting('a number above 0, or null to take it away', (value) => {
    return value === null || (typeof value === 'number' && Number.isFinite(value) && value > 0)
  }),
)

const changes = object<QuotaChange>({
  user: optional(orNull(text)),
  clientId: optional(orNull(text)),
  ip: optional(orNull(text)),
  quotas: object<QuotaChange['quotas']>({
    producer_byte_rate: rate,
    consumer_byte_rate: rate,
    request_percentage: rate,
    controller_mutation_rate: rate,
    connection_creation_rate: rate,
  }),
})

/** Says also whether there is an entity with these parts. */
export const quotaChange: Check = (value, name) => {
  const misfit = changes(value, name)
  if (misfit) return misfit
  const { user, clientId, ip } = value as QuotaChange
  const isOfClients = user !== undefined || clientId !== undefined
  if (isOfClients !== (ip !== undefined)) return undefined
  return {
    text: ip === undefined ? `${name} names nobody.` : `${name} names an ip and more.`,
    hint: 'Quotas are for user, clientId, both of them, or ip; null is the default.',
  }
}

const wanted = optional(
  either(
    fitting('true', (value) => value === true),
    fitting('a name, null for the default, or true for any', (value) => {
      return value === null || (typeof value === 'string' && value !== '')
    }),
  ),
)

export const quotaFilter = object<QuotaFilter>({ user: wanted, clientId: wanted, ip: wanted, strict: optional(flag) })
