import { type ChangeResult, refused } from '../change-result.js'
import { type EntityQuotas, isQuotaEntityType, type QuotaEntity, type Quotas } from './quota.js'

export interface QuotaFilter {
  readonly components: readonly QuotaComponent[]
  /** Must an entity have no other parts? Default of Kafka's tools: false. */
  readonly strict: boolean
}

export interface QuotaComponent {
  readonly entityType: string
  readonly matchType: number
  readonly match: string | null
}

/** How a component is meant, by code. */
const MatchType = { EXACT: 0, DEFAULT: 1, ANY: 2 } as const

/** What is wrong with a filter; an entity without its components may exist all the same. */
export function filterFault({ components }: QuotaFilter): ChangeResult | undefined {
  const types = new Set<string>()
  for (const component of components) {
    const fault = componentFault(component, types)
    if (fault) return fault
    types.add(component.entityType)
  }
  return types.has('ip') && types.size > 1 ? invalid('an ip stands alone') : undefined
}

function componentFault({ entityType, matchType, match }: QuotaComponent, before: ReadonlySet<string>) {
  if (entityType === '') return invalid('the type of an entity is empty')
  if (before.has(entityType)) return invalid(`${entityType} is named twice`)
  if (!isQuotaEntityType(entityType))
    return refused('UNSUPPORTED_VERSION', 'No filter: quotas are for user, client-id or ip, and nothing else.')
  if (matchType === MatchType.EXACT) return match === null ? invalid('the name is missing') : undefined
  if (matchType !== MatchType.DEFAULT && matchType !== MatchType.ANY)
    return invalid(`nobody knows match type ${matchType}`)
  return match === null ? undefined : invalid('there is a name, and none is to be compared')
}

/** All quotas of entities that a sound filter means. */
export function quotasMeant(quotas: Quotas, { components, strict }: QuotaFilter): EntityQuotas[] {
  if (strict && components.length === 0) return []
  return [...quotas.values()].filter(
    ({ entity }) =>
      (!strict || entity.length === components.length) && components.every((component) => means(component, entity)),
  )
}

function means({ entityType, matchType, match }: QuotaComponent, entity: QuotaEntity): boolean {
  const part = entity.find(({ type }) => type === entityType)
  return part !== undefined && (matchType === MatchType.ANY || part.name === match)
}

function invalid(reason: string): ChangeResult {
  return refused('INVALID_REQUEST', `No filter: ${reason}.`)
}
