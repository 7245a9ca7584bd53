import type { TestContext } from 'node:test'
import { Secret } from '@rivven/config'
import type { AclOperation, ResourceType } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { setPassword } from '../../src/security/users/new-password.js'
import { GroupClient } from './group-client.js'
import { HttpBroker } from './http-broker.js'

export const password = 'pages-secret'

/**
 * A broker with an authorizer, and HTTP that asks for a login. Its clients are super users, so that a test can make groups; `alice`
 * has a password and no rights, `root` may do everything.
 */
export async function guardedBroker(t: TestContext, values: Record<string, unknown> = {}) {
  const superUsers = 'User:ANONYMOUS;User:root'
  const broker = await HttpBroker.start({ authorizer_class_name: 'standard', super_users: superUsers, ...values })
  t.after(() => broker.close())
  const runtime = nodeRuntime()
  for (const name of ['alice', 'root']) {
    const user = { name, password: new Secret(password), mechanisms: ['SCRAM-SHA-256' as const], iterations: 4096 }
    await setPassword(broker.broker.security.users, user, runtime)
  }
  const as = (name: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${broker.url}${path}`, { ...init, headers: { authorization: basic(name), ...init.headers } })
  const allow = async (operation: AclOperation, resourceType: ResourceType, name: string): Promise<void> => {
    const acl = { resourceType, name, operation, patternType: 'LITERAL' as const, permission: 'ALLOW' as const }
    await broker.broker.security.acls?.create([{ ...acl, principal: 'User:alice', host: '*' }])
  }
  return { broker, client: new GroupClient(broker), as, allow }
}

export function basic(user: string, secret = password): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
}
