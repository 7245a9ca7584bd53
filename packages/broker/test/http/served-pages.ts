import type { TestContext } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import type { AclOperation, ResourceType } from '@rivven/protocol'
import { type Clock, nodeListenHttp, nodeRuntime } from '@rivven/runtime'
import { Api } from '../../src/api/api.js'
import type { Route } from '../../src/api/route.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { httpListenerOf } from '../../src/config/http-listener.js'
import type { BrokerServices } from '../../src/handlers/handler.js'
import { httpApp } from '../../src/http/app.js'
import { Health } from '../../src/http/health.js'
import { Logins } from '../../src/http/hook/logins.js'
import type { Page } from '../../src/http/page.js'
import { silentLog } from '../../src/log-output.js'
import { Audit } from '../../src/security/audit/audit.js'
import { PlainServer } from '../../src/security/sasl/plain.js'

export interface ServedPages {
  readonly pages?: readonly Page[]
  readonly routes?: readonly Route[]
  readonly clock?: Clock
  /** What the user `alice`, whose password is `alice-secret`, may do. */
  readonly allowed?: readonly `${AclOperation} ${ResourceType} ${string}`[]
}

/** Pages and calls of a test behind the hook of all, over a real socket: with an authorizer, and one user. */
export async function servedPages(
  t: TestContext,
  { pages = [], routes = [], clock = nodeRuntime().clock, allowed = [] }: ServedPages,
) {
  const config = brokerConfig([{ from: 'test', values: { http: '127.0.0.1:0' } }])
  const listener = httpListenerOf(config, { authorizes: true })
  if (!listener) throw new Error('HTTP is off')
  const asked: string[] = []
  const access = (principal: string, host: string) => ({
    ...{ principal, host },
    may: (operation: AclOperation, type: ResourceType, name: string) => {
      asked.push(`${principal} ${operation} ${type} ${name}`)
      return allowed.some((right) => right === `${operation} ${type} ${name}`)
    },
  })
  const passwords = { isRight: (user: string, password: string) => user === 'alice' && password === 'alice-secret' }
  const lines: string[] = []
  const audit = new Audit({
    clock: nodeRuntime().clock,
    output: { write: (line) => void lines.push(line) },
    tellsLogins: true,
  })
  const services = {
    security: { accessOf: access, newSaslServer: () => new PlainServer(passwords) },
    failedLogins: { failed: () => 100 },
    log: silentLog(),
    runtime: nodeRuntime(),
    audit,
  } as unknown as BrokerServices
  const app = httpApp({
    ...{ listener, pages, health: new Health(), log: silentLog(), clock, disk: nodeRuntime().disk },
    shown: () => ({ broker: services, logins: new Logins(listener, services.security) }),
    api: new Api(routes),
  })
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = await nodeListenHttp({ host: '127.0.0.1', port: 0 }, handle)
  t.after(async () => {
    await server.close()
    await audit.close()
  })
  return { url: `http://127.0.0.1:${server.address.port}`, port: server.address.port, asked, lines }
}
