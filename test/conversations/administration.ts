import { setTimeout as pause } from 'node:timers/promises'
import {
  AlterUserScramCredentials,
  type Api,
  aclOperations,
  aclPermissionTypes,
  CreateAcls,
  DeleteAcls,
  DescribeAcls,
  patternTypes,
  resourceTypes,
} from '@rivven/protocol'
import { type Connections, residents } from './connections.js'
import type { Json, Step } from './conversation.js'
import type { Captures } from './matching.js'
import { saltedPassword } from './scram.js'
import type { Talk } from './talk-connection.js'

// What the user `admin` does so that a conversation can be: its users, and the ACLs of its steps.

type Fields = { [name: string]: Json }

/** Makes each user with the run in its name and a SCRAM-SHA-256 credential; `${user}` is the name from now on. */
export async function makeUsers(
  users: Record<string, string>,
  connections: Connections,
  captures: Captures,
): Promise<void> {
  const upsertions = Object.entries(users).map(([user, password]) => {
    const username = `${user}-${captures.get('run')}`
    captures.set(user, username)
    connections.know(user, { username, password })
    return upsertion(username, password)
  })
  if (upsertions.length > 0) await upsert(await connections.of('admin'), upsertions)
}

/** Makes those who are there in every conversation, in a broker that asks nobody who comes. */
export async function makeResidents(connections: Connections): Promise<void> {
  const upsertions = residents.map(([user, { password }]) => upsertion(user, password))
  await upsert(connections.named('residents'), upsertions)
}

function upsertion(name: string, password: string): Fields {
  const salt = Buffer.from(`salt of ${name}`)
  const salted = saltedPassword('SCRAM-SHA-256', password, salt, 4096)
  const secrets = { salt: salt.toString('base64'), saltedPassword: salted.toString('base64') }
  return { name, mechanism: 1, iterations: 4096, ...secrets }
}

async function upsert(connection: Talk, upsertions: Fields[]): Promise<void> {
  const answer = await ask(connection, AlterUserScramCredentials as Api, 0, { upsertions })
  if (hasError(answer, 'results')) throw new Error(`the users cannot be made: ${JSON.stringify(answer)}`)
}

/** Makes ACLs, or takes them away, and waits until that shows. */
export async function alterAcls(step: Step, connections: Connections, captures: Captures): Promise<void> {
  const acls = step.acls!.map((words) => aclOf(captures.fill(words) as string, captures))
  const filters = acls.map(filterFor)
  const admin = await connections.of('admin')
  const answer = step.remove
    ? await ask(admin, DeleteAcls as Api, 2, { filters })
    : await ask(admin, CreateAcls as Api, 2, { creations: acls })
  if (hasError(answer, step.remove ? 'filterResults' : 'results')) throw new Error(JSON.stringify(answer))
  for (const filter of filters) await untilShown(filter, !step.remove, connections)
}

async function untilShown(filter: Fields, isShown: boolean, connections: Connections): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const { resources } = await ask(await connections.of('admin'), DescribeAcls as Api, 2, filter)
    if ((resources as Json[]).length > 0 === isShown) return
    await pause(20)
  }
  throw new Error(`${JSON.stringify(filter)} ${isShown ? 'does not show' : 'does not go away'}`)
}

/** `ALLOW|DENY user operation type pattern name [host]`; the user is one of the conversation's, or `Type:name`. */
function aclOf(words: string, captures: Captures): Fields {
  const [permission, user, operation, type, pattern, name, host] = words.split(' ') as [string, ...string[]]
  return {
    resourceType: resourceTypes.codeOf(type as never),
    resourceName: name!,
    resourcePatternType: patternTypes.codeOf(pattern as never),
    principal: user!.includes(':') ? user! : `User:${captures.has(user!) ? captures.get(user!) : user}`,
    host: host ?? '*',
    operation: aclOperations.codeOf(operation as never),
    permissionType: aclPermissionTypes.codeOf(permission as never),
  }
}

function filterFor(acl: Fields): Fields {
  const { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType } = acl as never
  return {
    resourceTypeFilter: resourceType,
    resourceNameFilter: resourceName,
    patternTypeFilter: resourcePatternType,
    principalFilter: principal,
    hostFilter: host,
    operation,
    permissionType,
  }
}

function hasError(answer: Fields, results: string): boolean {
  return (answer[results] as Fields[]).some(({ errorCode }) => errorCode !== 0)
}

async function ask(connection: Talk, api: Api, version: number, request: Json): Promise<Fields> {
  const answer = await connection.send(api, version, request).within(15_000)
  if (answer === undefined) throw new Error(`no answer to ${api.name}`)
  return answer as Fields
}
