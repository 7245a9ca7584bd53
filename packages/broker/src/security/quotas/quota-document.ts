import { type Check, checks } from '@rivven/config'
import type { Clock } from '@rivven/runtime'
import { listDocument, readStored } from '../../storage/stored-document.js'
import {
  type EntityQuotas,
  entityId,
  type QuotaEntityPart,
  type QuotaKey,
  type Quotas,
  quotaEntityTypes,
} from './quota.js'
import { entityFault, valueFault } from './quota-rules.js'

export const QUOTA_DOCUMENT = 'quotas'

interface StoredQuotas {
  readonly version: 1
  readonly quotas: readonly StoredEntity[]
}

interface StoredEntity {
  readonly entity: readonly QuotaEntityPart[]
  readonly values: readonly StoredValue[]
}

interface StoredValue {
  readonly key: QuotaKey
  readonly value: number
}

const entityFields = checks.object<StoredEntity>({
  entity: checks.listOf(
    checks.object<QuotaEntityPart>({ type: checks.oneOf(...quotaEntityTypes), name: checks.orNull(checks.text) }),
  ),
  values: checks.listOf(
    checks.object<StoredValue>({
      key: checks.text,
      value: checks.fitting('a number', (value) => typeof value === 'number'),
    }),
  ),
})

/** What could not be asked for is not stored either. */
const entityCheck: Check = (stored, name) => {
  const misfit = entityFields(stored, name)
  if (misfit) return misfit
  const { entity, values } = stored as StoredEntity
  const fault = entityFault(entity) ?? values.map(({ key, value }) => valueFault(entity, key, value)).find(Boolean)
  return fault === undefined ? undefined : { text: `${name} is no quota: ${fault}.` }
}

const documentCheck = checks.object<StoredQuotas>({ version: checks.anything, quotas: checks.listOf(entityCheck) })

/** @throws StoredDataError */
export function readQuotas(content: Buffer): Quotas {
  const { quotas } = readStored<StoredQuotas>(QUOTA_DOCUMENT, content, documentCheck)
  return new Map(
    quotas.map(({ entity, values }) => [
      entityId(entity),
      { entity, values: new Map(values.map(({ key, value }) => [key, value])) },
    ]),
  )
}

export function writeQuotas(quotas: Quotas, clock: Clock): Promise<Buffer> {
  return listDocument('{"version":1,"quotas":', entityTexts(quotas), clock)
}

function* entityTexts(quotas: Quotas): Generator<string> {
  for (const { entity, values } of quotas.values()) yield JSON.stringify(storedEntity(entity, values))
}

function storedEntity(entity: EntityQuotas['entity'], values: EntityQuotas['values']): StoredEntity {
  return { entity, values: Array.from(values, ([key, value]) => ({ key, value })) }
}
