import { type QuotaDescription, type QuotaEntity, quotaEntityText } from '@rivven/client'
import type { Column, Row } from '../text/output.js'

/** What the first column says in a text, programs get in fields: `defaults` names those of which the default is meant. */
export const quotaColumns: Column[] = [
  { field: 'entity', title: 'ENTITY' },
  { field: 'quota', title: 'QUOTA' },
  { field: 'value', title: 'VALUE' },
  { field: 'user', title: 'USER', wide: true },
  { field: 'clientId', title: 'CLIENT-ID', wide: true },
  { field: 'ip', title: 'IP', wide: true },
  { field: 'defaults', title: 'DEFAULTS', wide: true },
]

/** A row for each key, those of one entity together. */
export function quotaRows(descriptions: readonly QuotaDescription[]): Row[] {
  return descriptions
    .flatMap(({ quotas, ...entity }) =>
      Object.entries(quotas).map(([quota, value]) => ({
        entity: quotaEntityText(entity),
        quota,
        value,
        ...fieldsOf(entity),
      })),
    )
    .sort((a, b) => order(a.entity, b.entity) || order(a.quota, b.quota))
}

function fieldsOf({ user, clientId, ip }: QuotaEntity) {
  const defaults = Object.entries({ user, clientId, ip }).filter(([, name]) => name === null)
  return {
    user: user ?? null,
    clientId: clientId ?? null,
    ip: ip ?? null,
    defaults: defaults.map(([field]) => field).join(' '),
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
