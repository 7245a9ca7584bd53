import type { Acl } from '@rivven/client'
import { UsageError } from '../failure.js'
import { mustMakeSense, type Operation } from './operations.js'
import { mustBeNameable, type Resource, type ResourceOptions, resourcesIn } from './resources.js'
import { mustBeAType, type WhoOptions } from './who.js'

/** Rights on one resource, whoever has them. */
export interface Grant {
  resource: Resource
  operations: readonly Operation[]
}

export interface GrantOptions extends ResourceOptions {
  operation?: Operation[]
  producer?: boolean
  consumer?: boolean
}

/** What the options speak of: each operation on each resource, or what producers and consumers need. */
export function grantsIn(options: GrantOptions): Grant[] {
  const resources = resourcesIn(options)
  if (options.producer || options.consumer) return bundle(options, resources)
  if (resources.length === 0)
    throw new UsageError('Say on what: --topic T, --group G, --transactional-id X or --cluster.')
  const { operation } = options
  if (operation === undefined) throw new UsageError('Say what: --operation read,describe, or --producer, --consumer.')
  return resources.map((resource) => ({ resource, operations: operation }))
}

const needs = {
  producer: { TOPIC: ['WRITE', 'DESCRIBE', 'CREATE'], TRANSACTIONAL_ID: ['WRITE', 'DESCRIBE'] },
  consumer: { TOPIC: ['READ', 'DESCRIBE'], GROUP: ['READ'] },
} as const satisfies Record<string, Partial<Record<Resource['resourceType'], readonly Operation[]>>>

/** A topic for both roles has the rights of both. */
function bundle(options: GrantOptions, resources: readonly Resource[]): Grant[] {
  checkBundle(options)
  const roles = [options.producer ? needs.producer : {}, options.consumer ? needs.consumer : {}] as const
  return resources.map((resource) => {
    const needed = roles.flatMap((role: Partial<Record<string, readonly Operation[]>>) => {
      return role[resource.resourceType] ?? []
    })
    return { resource, operations: [...new Set(needed)] }
  })
}

function checkBundle({ producer, consumer, operation, topic, group, transactionalId, cluster }: GrantOptions): void {
  const roles = [producer && '--producer', consumer && '--consumer'].filter(Boolean).join(' and ')
  if (operation !== undefined) throw new UsageError(`${roles} and --operation both say what: leave one out.`)
  if (cluster) throw new UsageError(`${roles} and --cluster do not go together: nothing is needed on the cluster.`)
  if (topic === undefined) throw new UsageError(`${roles} needs --topic T.`)
  if (consumer && group === undefined)
    throw new UsageError('--consumer needs --group G. Without a group, write --operation read,describe --topic T.')
  if (!consumer && group !== undefined) throw new UsageError('--group goes with --consumer.')
  if (!producer && transactionalId !== undefined) throw new UsageError('--transactional-id goes with --producer.')
}

/** Every grant for each who; throws for what could never count. */
export function aclsFor(grants: readonly Grant[], permissionType: 'ALLOW' | 'DENY', who: WhoOptions): Acl[] {
  const { principal: principals, host: hosts = ['*'] } = who
  if (principals === undefined) throw new UsageError('Say for whom: --principal User:alice.')
  for (const { resource, operations } of grants) {
    mustBeNameable(resource)
    for (const operation of operations) mustMakeSense(operation, resource)
  }
  for (const name of principals) mustBeAType(name)
  return grants.flatMap(({ resource, operations }) =>
    principals.flatMap((principal) =>
      hosts.flatMap((host) =>
        operations.map((operation): Acl => ({ ...resource, principal, host, operation, permissionType })),
      ),
    ),
  )
}
