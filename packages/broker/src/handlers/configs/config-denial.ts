import { ErrorCode } from '@rivven/protocol'
import { type Caller, clusterDenial, denial } from '../rights/denial.js'
import { ResourceType } from './config-resource.js'

/** Configs of topics and groups are those of the topic or group, all others the cluster's; of what is unknown none. */
export function configDenial(
  caller: Caller,
  operation: 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS',
  { resourceType, resourceName }: { readonly resourceType: number; readonly resourceName: string },
): number {
  switch (resourceType) {
    case ResourceType.TOPIC:
      return denial(caller, operation, 'TOPIC', resourceName)
    case ResourceType.GROUP:
      return denial(caller, operation, 'GROUP', resourceName)
    case ResourceType.BROKER:
    case ResourceType.BROKER_LOGGER:
    case ResourceType.CLIENT_METRICS:
      return clusterDenial(caller, operation)
    default:
      return ErrorCode.NONE
  }
}
