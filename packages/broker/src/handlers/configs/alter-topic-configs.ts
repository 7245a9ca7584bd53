import { ErrorCode } from '@rivven/protocol'
import { Breath, mapInTurns } from '../../breath.js'
import { effectiveConfig, type TopicConfigs, topicConfigFault } from '../../config/topic-configs.js'
import { topicSettings } from '../../config/topic-settings.js'
import type { BrokerServices, RequestContext } from '../handler.js'
import { withoutRepeats } from '../repeats.js'
import { storageFault } from '../storage-fault.js'
import { configDenial } from './config-denial.js'
import { ResourceType } from './config-resource.js'

export interface Resource {
  readonly resourceType: number
  readonly resourceName: string
}

export interface Altered extends Resource {
  errorCode: number
  errorMessage: string | null
}

export interface Refusal {
  readonly errorCode: number
  readonly errorMessage: string
}

export function refuse(errorCode: number, errorMessage: string): Refusal {
  return { errorCode, errorMessage }
}

/** What becomes of a topic's own configs; or why it must not. */
export type Change = (own: TopicConfigs, broker: BrokerServices['config']) => TopicConfigs | Refusal

export function isRefusal(result: TopicConfigs | Refusal): result is Refusal {
  return 'errorCode' in result
}

/** Changes the configs of resources, each as a whole or not at all. One named twice is refused, at each place. */
export async function alterConfigs<R extends Resource>(
  resources: readonly R[],
  changeOf: (resource: R) => Change,
  { validateOnly, services, context }: { validateOnly: boolean; services: BrokerServices; context: RequestContext },
): Promise<Altered[]> {
  const { catalog, config, runtime } = services
  const { twice } = await withoutRepeats(resources, resourceKey, new Breath(runtime.clock))
  const judge = (resource: R): Altered => {
    const { resourceType, resourceName } = resource
    const refusal = twice.has(resourceKey(resource))
      ? refuse(ErrorCode.INVALID_REQUEST, 'The request names this resource twice.')
      : (deniedChange(resource, context) ?? faultOf(resource, changeOf(resource), services))
    const { errorCode, errorMessage } = refusal ?? { errorCode: ErrorCode.NONE, errorMessage: null }
    return { resourceType, resourceName, errorCode, errorMessage }
  }
  const altered = await mapInTurns(resources, runtime.clock, judge)
  if (validateOnly) return altered
  const accepted = resources.filter((_, at) => altered[at]?.errorCode === ErrorCode.NONE)
  const changes = accepted.map((resource) => {
    const change = changeOf(resource)
    // Looked at once more: the topic may have been changed meanwhile.
    const changed = (own: TopicConfigs) => {
      const result = change(own, config)
      return isRefusal(result) ? own : result
    }
    return { name: resource.resourceName, change: changed }
  })
  const fault = await storageFault(() => catalog.configureTopics(changes), services)
  return fault
    ? altered.map((answer) => (answer.errorCode === ErrorCode.NONE ? { ...answer, ...fault } : answer))
    : altered
}

function deniedChange(resource: Resource, context: RequestContext): Refusal | undefined {
  const denied = configDenial(context, 'ALTER_CONFIGS', resource)
  return denied === ErrorCode.NONE ? undefined : refuse(denied, 'This needs ALTER_CONFIGS.')
}

/** Names a resource, whatever is asked of it. */
export function resourceKey({ resourceType, resourceName }: Resource): string {
  return `${resourceType} ${resourceName}`
}

function faultOf(
  { resourceType, resourceName }: Resource,
  change: Change,
  { catalog, config }: BrokerServices,
): Refusal | undefined {
  if (resourceType === ResourceType.BROKER) {
    return refuse(ErrorCode.INVALID_CONFIG, 'Configs of the broker are in its file: change them there and restart it.')
  }
  if (resourceType !== ResourceType.TOPIC) {
    return refuse(ErrorCode.INVALID_REQUEST, `Resources of type ${resourceType} have no configs here.`)
  }
  const topic = catalog.topic(resourceName)
  if (!topic) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'There is no such topic.')
  const result = change(topic.configs, config)
  return isRefusal(result) ? result : undefined
}

/** Operations of IncrementalAlterConfigs. */
export const Operation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const

export interface Alteration {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

/** One step of IncrementalAlterConfigs on a topic's own configs. */
export function applyAlteration(
  own: Map<string, string>,
  { name, configOperation, value }: Alteration,
  broker: BrokerServices['config'],
): Refusal | undefined {
  if (configOperation === Operation.DELETE) {
    own.delete(name)
    return undefined
  }
  if (value === null) return refuse(ErrorCode.INVALID_REQUEST, `${name} must have a value.`)
  if (configOperation === Operation.SET) return setConfig(own, name, value)
  if (configOperation !== Operation.APPEND && configOperation !== Operation.SUBTRACT) {
    return refuse(ErrorCode.INVALID_REQUEST, `There is no operation ${configOperation}.`)
  }
  if (topicSettings.get(name)?.setting.type !== 'list') {
    return refuse(ErrorCode.INVALID_CONFIG, `${name.slice(0, 100)} is no list: it can only be set or deleted.`)
  }
  const before = itemsOf(effectiveConfig(name, own, broker).value ?? '')
  const items = itemsOf(value)
  const after =
    configOperation === Operation.APPEND
      ? [...before, ...items.filter((item) => !before.includes(item))]
      : before.filter((item) => !items.includes(item))
  return setConfig(own, name, after.join(','))
}

export function setConfig(own: Map<string, string>, name: string, value: string | null): Refusal | undefined {
  const fault = topicConfigFault(name, value)
  if (fault) return refuse(ErrorCode.INVALID_CONFIG, fault)
  own.set(name, value ?? '')
  return undefined
}

function itemsOf(list: string): string[] {
  return list.split(',').flatMap((item) => item.trim() || [])
}
