import { ErrorCode, FindCoordinator } from '@rivven/protocol'
import { handler, type RequestContext } from './handler.js'

const keyTypes = { group: 0, transaction: 1, share: 2 }

/** A broker that is alone coordinates everything. Versions before 4 ask for one key (classic-groups.md §4.1). */
export const handleFindCoordinator = handler(FindCoordinator, async (request, { config, coordinator }, context) => {
  const errorCode = errorOfKind(request.keyType, context.apiVersion)
  if (errorCode === ErrorCode.NONE && request.keyType === keyTypes.group) await coordinator.ready()
  const keys = context.apiVersion < 4 ? [request.key] : request.coordinatorKeys
  const coordinators = keys.map((key) => ({ key, ...found(errorCode, config.node_id, context) }))
  const { key: _, ...first } = coordinators[0] ?? { key: '', ...found(errorCode, config.node_id, context) }
  return { throttleTimeMs: 0, ...first, coordinators }
})

function errorOfKind(keyType: number, apiVersion: number): number {
  if (keyType === keyTypes.group || keyType === keyTypes.transaction) return ErrorCode.NONE
  return keyType === keyTypes.share && apiVersion >= 6 ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.INVALID_REQUEST
}

function found(errorCode: number, nodeId: number, { advertised, apiVersion }: RequestContext) {
  if (errorCode === ErrorCode.NONE) {
    return {
      errorCode,
      errorMessage: apiVersion < 4 ? 'NONE' : '',
      nodeId,
      host: advertised.host,
      port: advertised.port,
    }
  }
  return { errorCode, errorMessage: 'This broker coordinates groups only.', nodeId: -1, host: '', port: -1 }
}
