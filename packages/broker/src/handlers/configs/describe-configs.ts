import { DescribeConfigs, type DescribeConfigsRequest, ErrorCode } from '@rivven/protocol'
import { Breath, mapInTurns } from '../../breath.js'
import { topicNameFault } from '../../catalog/topic-name.js'
import { formatAddress } from '../../config/address.js'
import { settingText } from '../../config/broker-config.js'
import { type BrokerKey, brokerKeys } from '../../config/broker-keys.js'
import { ConfigSource, effectiveConfig } from '../../config/topic-configs.js'
import { topicSettings } from '../../config/topic-settings.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { withoutRepeats } from '../repeats.js'
import { resourceKey } from './alter-topic-configs.js'
import { configDenial } from './config-denial.js'
import { configTypes, ResourceType } from './config-resource.js'

type Described = NonNullable<NonNullable<Answer<typeof DescribeConfigs>>['results']>[number]
type Config = NonNullable<Described['configs']>[number]
type Resource = DescribeConfigsRequest['resources'][number]

interface Call {
  readonly request: DescribeConfigsRequest
  readonly context: RequestContext
  readonly services: BrokerServices
}

/** Kafka describes a resource as often as it is named; here one named twice is refused, as where configs are altered. */
export const handleDescribeConfigs = handler(DescribeConfigs, async (request, services, context) => {
  const { clock } = services.runtime
  const { firsts, twice } = await withoutRepeats(request.resources, resourceKey, new Breath(clock))
  const describeOnce = (resource: Resource): Described => {
    const { resourceType, resourceName } = resource
    const described = twice.has(resourceKey(resource))
      ? refused(ErrorCode.INVALID_REQUEST, 'The request names this resource twice.')
      : describe(resource, { request, services, context })
    return { resourceType, resourceName, ...described }
  }
  return { results: await mapInTurns(firsts, clock, describeOnce) }
})

function describe(resource: Resource, call: Call): Described {
  const denied = configDenial(call.context, 'DESCRIBE_CONFIGS', resource)
  if (denied !== ErrorCode.NONE) return refused(denied, 'This needs DESCRIBE_CONFIGS.')
  switch (resource.resourceType) {
    case ResourceType.TOPIC:
      return describeTopic(resource, call)
    case ResourceType.BROKER:
      return describeBroker(resource, call)
    case ResourceType.BROKER_LOGGER:
    case ResourceType.CLIENT_METRICS:
    case ResourceType.GROUP:
      return found([])
    default:
      return refused(ErrorCode.INVALID_REQUEST, `There is no type of resource ${resource.resourceType}.`)
  }
}

function found(configs: Config[]): Described {
  return { errorCode: ErrorCode.NONE, errorMessage: '', configs }
}

function refused(errorCode: number, errorMessage: string): Described {
  return { errorCode, errorMessage, configs: [] }
}

/** Null or an empty list asks for all; names that are unknown are left out. */
function wantedNames(all: Iterable<string>, { configurationKeys }: Resource): string[] {
  const wanted = configurationKeys && configurationKeys.length > 0 ? new Set(configurationKeys) : undefined
  return [...all].filter((name) => !wanted || wanted.has(name))
}

function describeTopic(resource: Resource, { request, services }: Call): Described {
  const { resourceName } = resource
  const fault = topicNameFault(resourceName)
  if (fault) return refused(ErrorCode.INVALID_TOPIC_EXCEPTION, fault)
  const topic = services.catalog.topic(resourceName)
  if (!topic) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, '')
  const configs = wantedNames(topicSettings.keys(), resource).flatMap((name) => {
    const setting = topicSettings.get(name)?.setting
    if (!setting) return []
    const { value, source, synonyms } = effectiveConfig(name, topic.configs, services.config)
    return [
      {
        name,
        value,
        readOnly: false,
        configSource: source,
        isSensitive: false,
        synonyms: request.includeSynonyms ? synonyms : [],
        configType: configTypes[setting.type],
        documentation: request.includeDocumentation ? setting.about : null,
      },
    ]
  })
  return found(configs)
}

/** '' asks for the defaults of the cluster that were set at run time: there are none. */
function describeBroker(resource: Resource, { request, services, context }: Call): Described {
  const { config, cluster } = services
  if (resource.resourceName === '') return found([])
  if (resource.resourceName !== String(cluster.brokerId)) {
    return refused(ErrorCode.INVALID_REQUEST, `This is broker ${cluster.brokerId}, not ${resource.resourceName}.`)
  }
  const keys = new Map(Object.keys(brokerKeys).map((key) => [key.replaceAll('_', '.'), key as BrokerKey]))
  const configs = wantedNames(keys.keys(), resource).map((name) => {
    const key = keys.get(name) as BrokerKey
    const { type, about } = brokerKeys[key]
    const value = key === 'advertised_listeners' ? listenerText(context) : settingText(config, key)
    const source = config.given.has(key) ? ConfigSource.STATIC_BROKER : ConfigSource.DEFAULT
    return {
      name,
      value,
      readOnly: true,
      configSource: source,
      isSensitive: type === 'password',
      synonyms: request.includeSynonyms ? [{ name, value, source }] : [],
      configType: configTypes[type],
      documentation: request.includeDocumentation ? about : null,
    }
  })
  return found(configs)
}

/** What clients are told to use, as Kafka writes it: the address in use, whether it was set or is that of `listen`. */
function listenerText({ advertised }: RequestContext): string {
  return `PLAINTEXT://${formatAddress(advertised)}`
}
