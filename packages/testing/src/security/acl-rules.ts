import type { Acl } from '@rivven/broker'
import { type Check, checks } from '@rivven/config'
import { refuseMisfit } from '../rivven-testing-error.js'

/** What may be done, in Kafka's words and in lower case. */
export type Operation = (typeof operations)[number]

/** What a rule is about: made by `topic`, `group`, `cluster` and `transactionalId`. */
export type Resource = Pick<Acl, 'resourceType' | 'patternType' | 'name'>

/** A rule about a user, one ACL for each operation: made by `allow` and `deny`. */
export interface AclRule extends Resource, Pick<Acl, 'permission' | 'principal'> {
  readonly operations: readonly Operation[]
}

const operations = [
  'all',
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'cluster_action',
  'describe_configs',
  'alter_configs',
  'idempotent_write',
] as const satisfies readonly Lowercase<Acl['operation']>[]

const { object, oneOf, oneOrMany, text } = checks

const resourceFields = {
  resourceType: oneOf('TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID'),
  patternType: oneOf('LITERAL', 'PREFIXED'),
  name: text,
}
const resourceCheck = madeBy("topic('orders'), group, cluster or transactionalId", object<Resource>(resourceFields))

/** For the option `acls`. */
export const ruleCheck = madeBy(
  "allow('alice', 'read', topic('orders')), or by deny",
  object<AclRule>({
    permission: oneOf('ALLOW', 'DENY'),
    principal: text,
    operations: oneOrMany(oneOf(...operations)),
    ...resourceFields,
  }),
)

/** The user, `'*'` for everybody, may do that: one operation or a list of them. */
export function allow(user: string, operation: Operation | readonly Operation[], resource: Resource): AclRule {
  return rule('ALLOW', { user, operation, resource })
}

/** The user, `'*'` for everybody, may not do that, whatever allows it; but for super users, who may do everything. */
export function deny(user: string, operation: Operation | readonly Operation[], resource: Resource): AclRule {
  return rule('DENY', { user, operation, resource })
}

interface Asked {
  readonly user: string
  readonly operation: Operation | readonly Operation[]
  readonly resource: Resource
}

const askedChecks = object<Asked>({ user: text, operation: oneOrMany(oneOf(...operations)), resource: resourceCheck })

function rule(permission: Acl['permission'], asked: Asked): AclRule {
  refuseMisfit(askedChecks(asked, ''))
  const { user, operation, resource } = asked
  return { permission, principal: principalOf(user), operations: [operation].flat() as Operation[], ...resource }
}

/** A name may be written as principal, too. */
export function principalOf(user: string): string {
  return user.startsWith('User:') ? user : `User:${user}`
}

/** A topic, `'*'` for every one. */
export const topic = named('TOPIC')
/** A group, `'*'` for every one. */
export const group = named('GROUP')
/** A transactional id, `'*'` for every one. */
export const transactionalId = named('TRANSACTIONAL_ID')

/** The cluster as a whole: for creating topics, listing groups, ACLs, users. */
export function cluster(): Resource {
  return { resourceType: 'CLUSTER', patternType: 'LITERAL', name: 'kafka-cluster' }
}

/** Makes resources of a type by name; `prefixed` all those whose names begin so. */
export interface NamedResource {
  (name: string): Resource
  prefixed(prefix: string): Resource
}

function named(resourceType: Acl['resourceType']): NamedResource {
  const resource = (patternType: Acl['patternType'], name: string): Resource => {
    refuseMisfit(text(name, 'name'))
    return { resourceType, patternType, name }
  }
  return Object.assign((name: string) => resource('LITERAL', name), {
    prefixed: (prefix: string) => resource('PREFIXED', prefix),
  })
}

function madeBy(makers: string, check: Check): Check {
  return (value, name) => {
    const misfit = check(value, name)
    return misfit && { text: misfit.text, hint: `It is made by ${makers}.` }
  }
}

/** From everywhere, as all of a test comes from one machine. */
export function aclsOf({ operations, ...rule }: AclRule): Acl[] {
  return operations.map((operation) => ({ ...rule, host: '*', operation: operation.toUpperCase() as Acl['operation'] }))
}
