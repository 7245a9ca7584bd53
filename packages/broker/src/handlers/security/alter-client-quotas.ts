import { AlterClientQuotas, ErrorCode } from '@rivven/protocol'
import { handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { type StorageFault as Refusal, storedOr } from '../storage-fault.js'

/** One answer for each entity that is named (KIP-546): what is wrong with one does not keep the others from being changed. */
export const handleAlterClientQuotas = handler(
  AlterClientQuotas,
  async ({ entries, validateOnly }, services, context) => {
    const refuseAll = (refusal: Refusal) => ({ entries: entries.map(({ entity }) => ({ ...refusal, entity })) })
    const denied = clusterDenial(context, 'ALTER_CONFIGS')
    if (denied !== ErrorCode.NONE) {
      return refuseAll({ errorCode: denied, errorMessage: 'This needs ALTER_CONFIGS on the cluster.' })
    }
    const alterations = entries.map(({ entity, ops }) => ({
      entity: entity.map(({ entityType, entityName }) => ({ type: entityType, name: entityName })),
      ops,
    }))
    const results = await storedOr(services, () => services.security.quotas.alter(alterations, { validateOnly }))
    if ('errorCode' in results) return refuseAll(results)
    return {
      entries: results.map(({ entity, error, message }) => ({
        errorCode: ErrorCode[error],
        errorMessage: message,
        entity: entity.map(({ type, name }) => ({ entityType: type, entityName: name })),
      })),
    }
  },
)
