import { ErrorCode, ListConfigResources } from '@rivven/protocol'
import { type BrokerServices, handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { ResourceType } from './config-resource.js'

const known: readonly number[] = Object.values(ResourceType)

/** Version 0 asks for client metrics only, of which there are none; an empty list asks for everything (KIP-1142). */
export const handleListConfigResources = handler(ListConfigResources, (request, { catalog, cluster }, context) => {
  const denied = clusterDenial(context, 'DESCRIBE_CONFIGS')
  if (denied !== ErrorCode.NONE) return { errorCode: denied }
  if (context.apiVersion === 0) return { configResources: [] }
  const types = request.resourceTypes.length > 0 ? request.resourceTypes : known
  if (types.some((type) => !known.includes(type))) return { errorCode: ErrorCode.UNSUPPORTED_VERSION }
  const configResources = types.flatMap((resourceType): { resourceName: string; resourceType: number }[] => {
    if (resourceType === ResourceType.TOPIC)
      return catalog.topics().map(({ name }) => ({ resourceName: name, resourceType }))
    const isBroker = resourceType === ResourceType.BROKER || resourceType === ResourceType.BROKER_LOGGER
    return isBroker ? brokerIds(cluster).map((resourceName) => ({ resourceName, resourceType })) : []
  })
  return { configResources }
})

function brokerIds({ image }: BrokerServices['cluster']): string[] {
  return [...image.brokers.keys()].map(String)
}
