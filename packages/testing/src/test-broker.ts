import {
  type Broker,
  type BrokerConfig,
  fileStorage,
  lockDataFolder,
  memoryStorage,
  type OwnStorage,
} from '@rivven/broker'
import { addressText, type FolderLock } from '@rivven/runtime'
import { authority, type Certificates } from './certificates/authority.js'
import { runtime, sameAddresses, startBroker, urlOf } from './guest.js'
import { notStarted, RivvenTestingError } from './rivven-testing-error.js'
import { BrokerSecurity, establish, type RivvenSecurity } from './security/broker-security.js'
import {
  type ClientOptions,
  type ClientWay,
  clientOptions,
  type TokenClientOptions,
  type TokenWay,
} from './security/client-options.js'
import type { SecurityPlan } from './security/security-options.js'
import { Turns } from './turns.js'

/** Where a broker stores, and its hold on that: one for all of its lives. */
interface Place {
  readonly config: BrokerConfig
  readonly dataDir: string | undefined
  readonly passwords: ReadonlyMap<string, string>
  readonly lock: FolderLock | undefined
}

/** A broker that may be ended and started again, one after the other. What is under way keeps the process; it does not. */
export class TestBroker {
  readonly #place: Place
  readonly #turns: Turns
  readonly security: RivvenSecurity = new BrokerSecurity(() => this.#securityNow(), runtime.clock)
  #storage: OwnStorage
  #broker: Broker
  /** Nobody listens: it was closed, or did not start again. */
  #hasEnded = false
  #closing: Promise<void> | null = null

  private constructor(place: Place, turns: Turns, storage: OwnStorage, broker: Broker) {
    this.#place = place
    this.#turns = turns
    this.#storage = storage
    this.#broker = broker
  }

  /** Throws a RivvenTestingError where it cannot. */
  static async start(
    config: BrokerConfig,
    { dataDir, plan }: { dataDir: string | undefined; plan: SecurityPlan | undefined },
  ): Promise<TestBroker> {
    const turns = new Turns()
    let lock: FolderLock | undefined
    try {
      return await turns.take(async () => {
        lock = dataDir !== undefined && config.data_dir_lock ? lockDataFolder(dataDir) : undefined
        const storage = await openStorage(dataDir)
        const broker = await startBroker(config, { storage })
        if (plan) await establishIn(broker, plan)
        const passwords = plan?.users ?? new Map()
        return new TestBroker({ config, dataDir, passwords, lock }, turns, storage, broker)
      })
    } catch (error) {
      turns.end()
      lock?.release()
      throw notStarted(error)
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
    return urlOf(this.#broker)
  }

  get certificates(): Certificates {
    return authority()
  }

  clientOptions(user: string, way: TokenWay): TokenClientOptions
  clientOptions(user?: string, way?: ClientWay): ClientOptions
  clientOptions(user?: string, way?: ClientWay | TokenWay): ClientOptions | TokenClientOptions {
    const { config, passwords } = this.#place
    const tokenFor = (name: string) => this.security.tokenFor(name)
    return clientOptions({ config, passwords, tokenFor, listeners: this.#broker.listeners }, user, way)
  }

  async restart(how: 'kill' | 'stop'): Promise<void> {
    if (how !== 'kill' && how !== 'stop') {
      const hint = "Write restart('stop'), or restart('kill') for an end without ceremony."
      throw new RivvenTestingError('INVALID_ARGUMENT', "restart takes 'kill' or 'stop'.", { hint })
    }
    if (this.#closing) throw closed()
    await this.#turns.take(() => this.#again(how))
  }

  async close(): Promise<void> {
    this.#closing ??= this.#turns.take(() => this.#end()).finally(() => this.#turns.end())
    await this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #securityNow(): Broker['security'] {
    if (this.#closing) throw closed()
    return this.#broker.security
  }

  async #again(how: 'kill' | 'stop'): Promise<void> {
    const { config, dataDir } = this.#place
    const addresses = sameAddresses(config, this.#broker)
    if (!this.#hasEnded) await (how === 'kill' ? this.#broker.kill() : this.#broker.close())
    this.#hasEnded = true
    try {
      // Memory outlives the broker; files are found again.
      if (dataDir !== undefined) this.#storage = await openStorage(dataDir)
      this.#broker = await startBroker({ ...config, ...addresses }, { storage: this.#storage })
    } catch (error) {
      throw notStarted(error)
    }
    this.#hasEnded = false
  }

  async #end(): Promise<void> {
    try {
      if (!this.#hasEnded) await this.#broker.close()
    } finally {
      this.#hasEnded = true
      this.#place.lock?.release()
    }
  }
}

function closed(): RivvenTestingError {
  return new RivvenTestingError('INVALID_STATE', 'This broker was closed.', { hint: 'Start another: startRivven().' })
}

async function openStorage(dataDir: string | undefined): Promise<OwnStorage> {
  return dataDir === undefined ? memoryStorage(runtime) : fileStorage(dataDir, runtime)
}

async function establishIn(broker: Broker, plan: SecurityPlan): Promise<void> {
  try {
    await establish(plan, broker, runtime)
  } catch (error) {
    await broker.close()
    throw error
  }
}
