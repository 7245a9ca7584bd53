import { DescribeClientQuotas, ErrorCode } from '@rivven/protocol'
import type { EntityQuotas } from '../../security/quotas/quota.js'
import { filterFault, quotasMeant } from '../../security/quotas/quota-filter.js'
import { handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'

/** Quotas of the entities that a filter means (KIP-546). */
export const handleDescribeClientQuotas = handler(DescribeClientQuotas, (filter, { security }, context) => {
  const denied = clusterDenial(context, 'DESCRIBE_CONFIGS')
  if (denied !== ErrorCode.NONE)
    return { errorCode: denied, errorMessage: 'This needs DESCRIBE_CONFIGS on the cluster.', entries: null }
  const fault = filterFault(filter)
  if (fault) return { errorCode: ErrorCode[fault.error], errorMessage: fault.message, entries: null }
  const meant = quotasMeant(security.quotas.quotas, filter)
  return { errorCode: ErrorCode.NONE, errorMessage: '', entries: meant.map(entryOf) }
})

function entryOf({ entity, values }: EntityQuotas) {
  return {
    entity: entity.map(({ type, name }) => ({ entityType: type, entityName: name })),
    values: Array.from(values, ([key, value]) => ({ key, value })),
  }
}
