import { Broker, brokerConfig, memoryStorage, type OpenListener, type OwnStorage, silentLog } from '@rivven/broker'
import { nodeRuntime } from '@rivven/runtime'
import { makeResidents } from './administration.js'
import { type Address, Connections } from './connections.js'
import { asRecorded, type OwnBroker, type Settings } from './in-process.js'

const runtime = nodeRuntime()

/** One listener wants SASL, the other does not; ACLs say what may be done. */
const guarded = {
  listeners: 'SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://127.0.0.1:0',
  sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  authorizer_class_name: 'standard',
  super_users: 'User:admin',
}
/** Before anybody is known: the users of every conversation are made. */
const open = { listen: '127.0.0.1:0', authorizer_class_name: 'none' }

/** A broker in this process for conversations about security; it stores in memory, which outlives its restarts. */
export class GuardedBroker implements OwnBroker {
  readonly #storage: OwnStorage
  readonly #settings: Settings
  #broker: Broker

  private constructor(storage: OwnStorage, settings: Settings, broker: Broker) {
    this.#storage = storage
    this.#settings = settings
    this.#broker = broker
  }

  static async start(settings: Settings): Promise<GuardedBroker> {
    const storage = memoryStorage(runtime)
    const first = await startBroker(storage, open)
    const connections = new Connections(first.address)
    await makeResidents(connections).finally(() => connections.closeAll())
    await first.close()
    return new GuardedBroker(storage, settings, await startBroker(storage, { ...guarded, ...ownKeys(settings) }))
  }

  get host(): string {
    return this.#addressOf('SASL_PLAINTEXT').host
  }

  get port(): number {
    return this.#addressOf('SASL_PLAINTEXT').port
  }

  get plain(): Address {
    return this.#addressOf('PLAINTEXT')
  }

  async restart(how: 'kill' | 'stop'): Promise<void> {
    await (how === 'kill' ? this.#broker.kill() : this.#broker.close())
    this.#broker = await startBroker(this.#storage, { ...guarded, ...ownKeys(this.#settings) })
  }

  close(): Promise<void> {
    return this.#broker.close()
  }

  #addressOf(name: string): Address {
    const listener = this.#broker.listeners.find((candidate: OpenListener) => candidate.name === name)
    if (!listener) throw new Error(`there is no listener ${name}`)
    return listener.address
  }
}

function startBroker(storage: OwnStorage, values: Record<string, unknown>): Promise<Broker> {
  const config = brokerConfig([{ from: 'test', values: { ...asRecorded, http: 'off', memory: true, ...values } }])
  return Broker.start({ config, runtime, storage, log: silentLog() })
}

/** Kafka has no authorizer where its key is empty; ours says so in a word. */
function ownKeys(settings: Settings): Record<string, string> {
  const keys = Object.entries(settings).map(([key, value]) => [key.replaceAll('.', '_'), value])
  return Object.fromEntries(
    keys.map(([key, value]) => [key, key === 'authorizer_class_name' && !value ? 'none' : value]),
  )
}
