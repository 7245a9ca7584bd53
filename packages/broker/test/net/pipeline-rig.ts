import { setImmediate } from 'node:timers/promises'
import { ApiVersions, encodeRequest, Heartbeat, Produce } from '@rivven/protocol'
import { type Clock, nodeClock } from '@rivven/runtime'
import { brokerConfig } from '../../src/config/broker-config.js'
import { type BrokerServices, handler } from '../../src/handlers/handler.js'
import { silentLog } from '../../src/log-output.js'
import { OpenGate } from '../../src/net/authentication/gate.js'
import { Connection } from '../../src/net/connection.js'
import { Deadlines } from '../../src/net/deadlines.js'
import { Refusals } from '../../src/net/refusals.js'
import { RequestMemory } from '../../src/net/request-memory.js'
import { Router } from '../../src/net/router.js'
import type { RequestConnection } from '../../src/request-connection.js'
import { accessOf } from '../../src/security/access.js'
import { Audit } from '../../src/security/audit/audit.js'
import type { ClientQuotas } from '../../src/security/quotas/client-quotas.js'
import { Traffic } from '../../src/traffic.js'
import { FakeStream } from './fake-stream.js'

interface RigOptions {
  readonly clock?: Clock
  readonly quotas?: ClientQuotas
  /** False: nobody has logged in. */
  readonly isOpen?: boolean
  readonly memory?: RequestMemory
  /** How many APIs the answer to ApiVersions lists. */
  readonly apis?: number
  readonly lookAt?: (connection: Connection, time: number) => void
}

/** Memory for requests without end. */
export function unlimited(clock: Clock): RequestMemory {
  const refusals = new Refusals(clock, silentLog())
  const terms = { limit: Number.POSITIVE_INFINITY, small: 0, fullText: '' }
  return new RequestMemory({ clock, deadlines: new Deadlines(clock), refusals, ...terms })
}

/** A connection to handlers that answer when the test says so. */
export class Rig {
  readonly stream = new FakeStream()
  /** What handlers have begun, in order: the api's name and a number that the request carried. */
  readonly begun: string[] = []
  readonly finish = new Map<string, (error?: Error) => void>()
  connection: RequestConnection | undefined
  readonly services: BrokerServices
  readonly connected: Connection

  constructor({
    clock = nodeClock,
    quotas,
    isOpen = true,
    lookAt = () => undefined,
    memory = unlimited(clock),
    apis = 0,
  }: RigOptions = {}) {
    const later = (name: string, connection: RequestConnection): Promise<object> => {
      this.begun.push(name)
      this.connection = connection
      return new Promise((resolve, reject) => this.finish.set(name, (error) => (error ? reject(error) : resolve({}))))
    }
    const router = new Router(
      [
        handler(Produce, (request, _, { connection }) => later(`produce ${request.timeoutMs}`, connection), {
          overlaps: true,
        }),
        handler(Heartbeat, (request, _, { connection }) => later(`heartbeat ${request.generationId}`, connection)),
        handler(ApiVersions, () => ({ apiKeys: Array.from({ length: apis }, (_, apiKey) => ({ apiKey })) })),
      ],
      20_000,
    )
    this.services = {
      config: brokerConfig(),
      runtime: { clock },
      log: silentLog(),
      traffic: new Traffic(),
      refusals: new Refusals(clock, silentLog()),
      audit: new Audit({ clock }),
      security: { quotas: { ofClients: quotas } },
    } as unknown as BrokerServices
    const open = new OpenGate(accessOf(null, 'User:ANONYMOUS', '10.0.0.9'), 20_000_000)
    const gate = isOpen ? open : { ...open, isOpen, look: () => undefined }
    this.connected = new Connection(this.stream, gate, {
      router,
      services: this.services,
      advertised: { host: 'x', port: 1 },
      listenerName: 'PLAINTEXT',
      onOpen: () => undefined,
      lookAt,
      memoryOf: () => memory,
      onClosed: () => undefined,
    })
  }

  async done(...names: string[]): Promise<void> {
    for (const name of names) this.finish.get(name)?.()
    await setImmediate()
  }
}

export const produce = (id: number): Buffer =>
  Buffer.concat(encodeRequest(Produce, 7, { correlationId: id, clientId: 'c' }, { acks: -1, timeoutMs: id }))
export const heartbeat = (id: number): Buffer =>
  Buffer.concat(encodeRequest(Heartbeat, 0, { correlationId: id, clientId: 'c' }, { generationId: id }))
export const versions = (id: number): Buffer =>
  Buffer.concat(encodeRequest(ApiVersions, 0, { correlationId: id, clientId: 'c' }, {}))

/** Turns of the event loop until it is so; a test that waits for ever is ended by its runner. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate()
}
