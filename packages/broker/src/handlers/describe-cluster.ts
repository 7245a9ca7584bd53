import { DescribeCluster, ErrorCode } from '@rivven/protocol'
import { clusterOperations } from './authorized-operations.js'
import { handler } from './handler.js'

const BROKERS = 1
const CONTROLLERS = 2

export const handleDescribeCluster = handler(DescribeCluster, (request, { config, catalog }, context) => {
  if (request.endpointType === CONTROLLERS) {
    return { errorCode: ErrorCode.MISMATCHED_ENDPOINT_TYPE, errorMessage: 'This is a broker: ask for endpoint type 1.' }
  }
  if (request.endpointType !== BROKERS) {
    const errorMessage = `There is no endpoint type ${request.endpointType}.`
    return { errorCode: ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, errorMessage }
  }
  return {
    errorMessage: null,
    endpointType: BROKERS,
    clusterId: catalog.clusterId,
    controllerId: config.node_id,
    brokers: [{ brokerId: config.node_id, ...context.advertised, rack: null, isFenced: false }],
    clusterAuthorizedOperations: clusterOperations(request.includeClusterAuthorizedOperations, context),
  }
})
