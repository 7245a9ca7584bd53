import {
  Broker,
  type BrokerConfig,
  brokerConfig,
  fileStorage,
  lockDataFolder,
  memoryStorage,
  type Storage,
  silentLog,
} from '@rivven/broker'
import { checks } from '@rivven/config'
import { addressText, type FolderLock, nodeListenHttp, nodeRuntime } from '@rivven/runtime'

export interface RivvenOptions {
  /** Keys of the broker's configuration in snake_case, for example `{ num_partitions: 6 }`. */
  config?: Record<string, unknown>
  /** A folder to store in; default: memory. */
  dataDir?: string
  /** Serve health, metrics and groups over HTTP on a free port, too; default: no. */
  http?: boolean
}

/** A running broker. */
export interface Rivven extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** What clients want: 'host:port', '[::1]:port' for IPv6. */
  readonly bootstrapServers: string
  readonly broker: Broker
  /** Where HTTP is served, 'http://host:port'; undefined: nowhere. */
  readonly url: string | undefined
  /** Ends the broker; what it kept in memory is gone. */
  close(): Promise<void>
  /** Ends the broker and starts it again with what it had stored, on the same port; 'kill' ends it without ceremony. */
  restart(how: 'kill' | 'stop'): Promise<void>
}

const { fitting, flag, object, optional, text } = checks

const optionsCheck = object<RivvenOptions>(
  {
    config: optional(fitting('an object of broker keys', (value) => typeof value === 'object' && value !== null)),
    dataDir: optional(text),
    http: optional(flag),
  },
  {
    what: 'The options of startRivven',
    otherNames: {
      port: "Write config: { listen: '127.0.0.1:9092' }; a free port is taken by itself.",
      listen: "Write config: { listen: '127.0.0.1:9092' }.",
      partitions: 'Write config: { num_partitions: 6 }.',
      topics: 'Create them with an Admin, or let them be created at their first use.',
    },
  },
)

/** The same code as that of the client for an argument that makes no sense. */
class InvalidArgument extends Error {
  override readonly name = 'InvalidArgument'
  readonly code = 'INVALID_ARGUMENT'
}

const runtime = nodeRuntime()

/** Settings for tests, under those that are given: a free port, and no wait for more members of a group. */
const forTests = { listen: '127.0.0.1:0', http: 'off', group_initial_rebalance_delay_ms: 0 }

/**
 * Starts a whole broker in this process, in memory, on a free port, in milliseconds.
 *
 *     await using rivven = await startRivven()
 *     const kafka = new Kafka({ brokers: [rivven.bootstrapServers] })
 */
export async function startRivven(options: RivvenOptions = {}): Promise<Rivven> {
  const misfit = optionsCheck(options, '')
  if (misfit) throw new InvalidArgument([misfit.text, misfit.hint].filter(Boolean).join(' '))
  const { dataDir, config: given = {}, http = false } = options
  const stored = dataDir === undefined ? { memory: true } : { data_dir: dataDir }
  const sources = [
    { from: 'startRivven', values: { ...forTests, ...stored, ...(http && { http: '127.0.0.1:0' }) } },
    { from: 'config', values: given },
  ]
  return TestBroker.start(brokerConfig(sources), dataDir)
}

/** Where a broker stores, and its hold on that: one for all of its lives. */
interface Stored {
  readonly dataDir: string | undefined
  readonly lock: FolderLock | undefined
  readonly storage: Storage
}

class TestBroker implements Rivven {
  readonly #config: BrokerConfig
  readonly #dataDir: string | undefined
  readonly #lock: FolderLock | undefined
  #storage: Storage
  #broker: Broker
  #isClosed = false

  private constructor(config: BrokerConfig, stored: Stored, broker: Broker) {
    this.#config = config
    this.#dataDir = stored.dataDir
    this.#lock = stored.lock
    this.#storage = stored.storage
    this.#broker = broker
  }

  static async start(config: BrokerConfig, dataDir: string | undefined): Promise<TestBroker> {
    const lock = dataDir !== undefined && config.data_dir_lock ? lockDataFolder(dataDir) : undefined
    try {
      const storage = await openStorage(dataDir)
      return new TestBroker(config, { dataDir, lock, storage }, await startBroker(config, storage))
    } catch (error) {
      lock?.release()
      throw error
    }
  }

  get broker(): Broker {
    return this.#broker
  }

  get host(): string {
    return this.#broker.address.host
  }

  get port(): number {
    return this.#broker.address.port
  }

  get bootstrapServers(): string {
    return addressText(this.#broker.address)
  }

  get url(): string | undefined {
    const address = this.#broker.httpAddress
    return address && `http://${addressText(address)}`
  }

  async restart(how: 'kill' | 'stop'): Promise<void> {
    const listen = this.bootstrapServers
    const http = this.url?.replace('http://', '') ?? 'off'
    await (how === 'kill' ? this.#broker.kill() : this.#broker.close())
    // Memory outlives the broker; files are found again.
    if (this.#dataDir !== undefined) this.#storage = await openStorage(this.#dataDir)
    this.#broker = await startBroker({ ...this.#config, listen, http }, this.#storage)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.#broker.close()
    } finally {
      this.#lock?.release()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function openStorage(dataDir: string | undefined): Promise<Storage> {
  return dataDir === undefined ? memoryStorage(runtime) : fileStorage(dataDir, runtime)
}

function startBroker(config: BrokerConfig, storage: Storage): Promise<Broker> {
  return Broker.start({ config, runtime, storage, log: silentLog(), listenHttp: nodeListenHttp })
}
