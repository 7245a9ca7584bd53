import { DescribeCluster, ErrorCode } from '@rivven/protocol'
import { clusterOperations } from '../authorized-operations.js'
import { handler } from '../handler.js'
import { reachableBrokers } from './reachable-brokers.js'

const BROKERS = 1
const CONTROLLERS = 2

export const handleDescribeCluster = handler(DescribeCluster, (request, services, context) => {
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
    clusterId: services.catalog.clusterId,
    controllerId: services.cluster.brokerId,
    brokers: reachableBrokers(services, context).map(({ id, ...place }) => ({
      brokerId: id,
      ...place,
      isFenced: false,
    })),
    clusterAuthorizedOperations: clusterOperations(request.includeClusterAuthorizedOperations, context),
  }
})
