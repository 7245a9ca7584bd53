import type { Acl } from '@rivven/client'
import { CLUSTER_NAME } from '@rivven/protocol'
import type { Command } from 'commander'
import { repeated } from '../command-line.js'
import { UsageError } from '../failure.js'

/** What ACLs speak of, and rivvenctl has words for. */
export type ResourceType = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID'

/** One thing, or (PREFIXED) all whose names begin so; LITERAL `*` is all of a type. */
export interface Resource {
  resourceType: ResourceType
  resourceName: string
  patternType: 'LITERAL' | 'PREFIXED'
}

export interface ResourceOptions {
  topic?: string[]
  group?: string[]
  cluster?: boolean
  transactionalId?: string[]
  prefixed?: boolean
}

export function addResourceOptions(command: Command): Command {
  return command
    .option('--topic <topic>', 'a topic, again for more', repeated)
    .option('--group <group>', 'a group, again for more', repeated)
    .option('--transactional-id <id>', 'a transactional id, again for more', repeated)
    .option('--cluster', 'the cluster itself')
}

/** The same for what ACLs say, which may be the beginning of names. */
export function addPatternOptions(command: Command): Command {
  return addResourceOptions(command).option('--prefixed', 'all whose names begin with the names given')
}

/** The words of a command line for it. */
export function flagsFor({ resourceType, resourceName, patternType }: Resource): string[] {
  const named = resourceType === 'CLUSTER' ? ['--cluster'] : [`--${kindOf(resourceType)}`, resourceName]
  return patternType === 'PREFIXED' ? [...named, '--prefixed'] : named
}

function kindOf(resourceType: Acl['resourceType']): string {
  return resourceType.toLowerCase().replaceAll('_', '-')
}

/** In the order of the options; empty where none is named. */
export function resourcesIn(options: ResourceOptions): Resource[] {
  const { topic = [], group = [], transactionalId = [], cluster = false, prefixed = false } = options
  const named = [
    ...topic.map((name) => ['TOPIC', name] as const),
    ...group.map((name) => ['GROUP', name] as const),
    ...transactionalId.map((name) => ['TRANSACTIONAL_ID', name] as const),
  ]
  if (named.some(([, name]) => name === '')) throw new UsageError('The name of a resource must not be empty.')
  if (prefixed && named.length === 0)
    throw new UsageError('--prefixed goes with --topic, --group or --transactional-id.')
  const patternType = prefixed ? 'PREFIXED' : 'LITERAL'
  return [
    ...named.map(([resourceType, resourceName]): Resource => ({ resourceType, resourceName, patternType })),
    ...(cluster ? [theCluster] : []),
  ]
}

export const theCluster: Resource = { resourceType: 'CLUSTER', resourceName: CLUSTER_NAME, patternType: 'LITERAL' }

/** Throws for names that no topic can have: a rule about them would be there, and never count. */
export function mustBeNameable({ resourceType, resourceName, patternType }: Resource): void {
  if (resourceType !== 'TOPIC') return
  if (patternType === 'LITERAL' && resourceName === '*') return
  if (/^[\w.-]{1,249}$/.test(resourceName)) return
  const beginning = resourceName.replace(/\*$/, '')
  const hint =
    beginning !== resourceName && beginning !== ''
      ? ` For all topics that begin with ${beginning} write: --topic ${beginning} --prefixed.`
      : ' Names have 1 to 249 characters of a-z, A-Z, 0-9, ".", "_" and "-".'
  throw new UsageError(`No topic can be called ${JSON.stringify(resourceName)}.${hint}`)
}

/** As people read it: `topic orders`, `topic orders-*`, `topic *`, `cluster`. */
export function resourceText({ resourceType, resourceName, patternType = 'LITERAL' }: PatternOf): string {
  const kind = kindOf(resourceType)
  if (resourceType === 'CLUSTER' && resourceName === CLUSTER_NAME) return kind
  if (patternType === 'PREFIXED') return `${kind} ${resourceName}*`
  // A name that only looks like a beginning.
  return `${kind} ${resourceName.endsWith('*') && resourceName !== '*' ? JSON.stringify(resourceName) : resourceName}`
}

type PatternOf = Pick<Acl, 'resourceType' | 'resourceName' | 'patternType'>
