import { DescribeConfigs, IncrementalAlterConfigs } from '@rivven/protocol'
import { invalid } from '../options.js'
import { answered } from './answered.js'
import { type AdminCalls, asRequest, groupBy, throwFailures } from './calls.js'

/** What has configs: a topic by its name, a broker by its id, a group by its id. */
export type ConfigResourceType = 'topic' | 'broker' | 'broker-logger' | 'client-metrics' | 'group'

export interface ConfigResource {
  type: ConfigResourceType
  /** For brokers the id as text; empty: the defaults of all brokers. */
  name: string
}

export type ConfigSource =
  | 'topic'
  | 'dynamic-broker'
  | 'dynamic-default-broker'
  | 'static-broker'
  | 'default'
  | 'broker-logger'
  | 'client-metrics'
  | 'group'
  | 'unknown'

export interface ConfigEntry {
  name: string
  /** null when it is unset or a secret. */
  value: string | null
  /** Where the value comes from: only `topic`, `group` and `dynamic…` ones were set by somebody. */
  source: ConfigSource
  isReadOnly: boolean
  isSensitive: boolean
}

export interface ConfigDescription extends ConfigResource {
  configs: ConfigEntry[]
}

export interface ConfigChange {
  name: string
  /** null: back to the default. */
  value: string | null
  /** `append` and `subtract` change a list. Default: `set`, or `delete` where the value is null. */
  operation?: 'set' | 'delete' | 'append' | 'subtract'
}

const typeCodes: Readonly<Record<ConfigResourceType, number>> = {
  topic: 2,
  broker: 4,
  'broker-logger': 8,
  'client-metrics': 16,
  group: 32,
}

const sources: Readonly<Record<number, ConfigSource>> = {
  1: 'topic',
  2: 'dynamic-broker',
  3: 'dynamic-default-broker',
  4: 'static-broker',
  5: 'default',
  6: 'broker-logger',
  7: 'client-metrics',
  8: 'group',
}

const operationCodes = { set: 0, delete: 1, append: 2, subtract: 3 }

export async function describeConfigs(
  calls: AdminCalls,
  resources: readonly (ConfigResource & { keys?: readonly string[] })[],
): Promise<ConfigDescription[]> {
  const perBroker = [...groupBy(resources, ownerOf)]
  const described = await Promise.all(perBroker.map(([broker, some]) => describeAt(calls, broker, some)))
  const all = described.flat()
  return resources.map(({ type, name }) => {
    const found = all.find((one) => one.type === type && one.name === name)
    return answered(found, `the configs of ${type} ${name}`, {})
  })
}

/** Configs of a broker are only known to itself. */
function ownerOf({ type, name }: ConfigResource): number | 'any' {
  const isBrokers = type === 'broker' || type === 'broker-logger'
  if (!isBrokers || name === '') return 'any'
  const id = Number(name)
  if (Number.isInteger(id) && id >= 0) return id
  throw invalid(`"${name}" is no broker id.`)
}

async function describeAt(
  calls: AdminCalls,
  broker: number | 'any',
  resources: readonly (ConfigResource & { keys?: readonly string[] })[],
): Promise<ConfigDescription[]> {
  const request = asRequest(DescribeConfigs, {
    resources: resources.map(({ type, name, keys }) => {
      return { resourceType: typeCodes[type], resourceName: name, configurationKeys: keys ? [...keys] : null }
    }),
  })
  const answer = await calls.retrying('Describing configs', async () => {
    if (broker !== 'any') await calls.cluster.metadata([])
    return calls.cluster.send(broker, DescribeConfigs, request)
  })
  throwFailures(answer.results, (result) => describeResource('Describing configs of', 'DESCRIBE_CONFIGS', result))
  return answer.results.map(({ resourceType, resourceName, configs }) => ({
    type: typeOf(resourceType),
    name: resourceName,
    configs: configs.map(({ name, value, readOnly, configSource, isSensitive }) => {
      return { name, value, source: sources[configSource] ?? 'unknown', isReadOnly: readOnly, isSensitive }
    }),
  }))
}

export async function alterConfigs(
  calls: AdminCalls,
  resources: readonly (ConfigResource & { configs: readonly ConfigChange[] })[],
  validateOnly: boolean,
): Promise<void> {
  for (const [broker, some] of groupBy(resources, ownerOf)) await alterAt(calls, broker, some, validateOnly)
}

async function alterAt(
  calls: AdminCalls,
  broker: number | 'any',
  resources: readonly (ConfigResource & { configs: readonly ConfigChange[] })[],
  validateOnly: boolean,
): Promise<void> {
  const request = asRequest(IncrementalAlterConfigs, {
    resources: resources.map(({ type, name, configs }) => {
      return { resourceType: typeCodes[type], resourceName: name, configs: configs.map(alteration) }
    }),
    validateOnly,
  })
  const answer =
    broker === 'any'
      ? await calls.toController(IncrementalAlterConfigs, request, ({ responses }) => responses.map((r) => r.errorCode))
      : await calls.retrying('Altering configs', () => calls.cluster.send(broker, IncrementalAlterConfigs, request))
  throwFailures(answer.responses, (result) => describeResource('Altering configs of', 'ALTER_CONFIGS', result))
}

function alteration({ name, value, operation }: ConfigChange) {
  const isDeletion = operation === 'delete' || (operation === undefined && value === null)
  return {
    name,
    configOperation: operationCodes[operation ?? (isDeletion ? 'delete' : 'set')],
    value: isDeletion ? null : value,
  }
}

function describeResource(
  what: string,
  operation: string,
  { resourceType, resourceName }: { resourceType: number; resourceName: string },
) {
  const type = typeOf(resourceType)
  const facts = type === 'topic' ? { topic: resourceName } : type === 'group' ? { group: resourceName } : {}
  return { what: `${what} ${type} ${resourceName}`, facts: { ...facts, operation } }
}

function typeOf(code: number): ConfigResourceType {
  const types: Readonly<Record<number, ConfigResourceType>> = {
    2: 'topic',
    4: 'broker',
    8: 'broker-logger',
    16: 'client-metrics',
    32: 'group',
  }
  return types[code] ?? 'topic'
}
