import {
  Broker,
  type BrokerConfig,
  fileStorage,
  lockDataFolder,
  memoryStorage,
  type Storage,
  silentLog,
} from '@rivven/broker'
import { addressText, type FolderLock, guestListenHttp, guestRuntime, ProcessHold } from '@rivven/runtime'
import { notStarted, RivvenTestingError } from './rivven-testing-error.js'

/** A test that has failed leaves it open: it must not keep the process. */
const runtime = guestRuntime()

/** Where a broker stores, and its hold on that: one for all of its lives. */
interface Place {
  readonly config: BrokerConfig
  readonly dataDir: string | undefined
  readonly lock: FolderLock | undefined
}

/** A broker that may be ended and started again, one after the other. What is under way keeps the process; it does not. */
export class TestBroker {
  readonly #place: Place
  readonly #hold: ProcessHold
  #storage: Storage
  #broker: Broker
  /** Nobody listens: it was closed, or did not start again. */
  #hasEnded = false
  #closing: Promise<void> | null = null
  #last: Promise<unknown> = Promise.resolve()

  private constructor(place: Place, hold: ProcessHold, storage: Storage, broker: Broker) {
    this.#place = place
    this.#hold = hold
    this.#storage = storage
    this.#broker = broker
  }

  /** Throws a RivvenTestingError where it cannot. */
  static async start(config: BrokerConfig, dataDir: string | undefined): Promise<TestBroker> {
    const hold = new ProcessHold()
    hold.isHeld = true
    let lock: FolderLock | undefined
    try {
      lock = dataDir !== undefined && config.data_dir_lock ? lockDataFolder(dataDir) : undefined
      const storage = await openStorage(dataDir)
      const broker = await startBroker(config, storage)
      hold.isHeld = false
      return new TestBroker({ config, dataDir, lock }, hold, storage, broker)
    } catch (error) {
      hold.release()
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
    const address = this.#broker.httpAddress
    return address && `http://${addressText(address)}`
  }

  async restart(how: 'kill' | 'stop'): Promise<void> {
    if (how !== 'kill' && how !== 'stop') {
      const hint = "Write restart('stop'), or restart('kill') for an end without ceremony."
      throw new RivvenTestingError('INVALID_ARGUMENT', "restart takes 'kill' or 'stop'.", { hint })
    }
    if (this.#closing) throw closed()
    await this.#inTurn(() => this.#again(how))
  }

  async close(): Promise<void> {
    this.#closing ??= this.#inTurn(() => this.#end()).finally(() => this.#hold.release())
    await this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #again(how: 'kill' | 'stop'): Promise<void> {
    const { config, dataDir } = this.#place
    const listen = this.bootstrapServers
    const http = this.url?.replace('http://', '') ?? 'off'
    if (!this.#hasEnded) await (how === 'kill' ? this.#broker.kill() : this.#broker.close())
    this.#hasEnded = true
    try {
      // Memory outlives the broker; files are found again.
      if (dataDir !== undefined) this.#storage = await openStorage(dataDir)
      this.#broker = await startBroker({ ...config, listen, http }, this.#storage)
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

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(async () => {
      this.#hold.isHeld = true
      try {
        await work()
      } finally {
        this.#hold.isHeld = false
      }
    })
    this.#last = done.catch(() => undefined)
    return done
  }
}

function closed(): RivvenTestingError {
  return new RivvenTestingError('INVALID_STATE', 'This broker was closed.', { hint: 'Start another: startRivven().' })
}

async function openStorage(dataDir: string | undefined): Promise<Storage> {
  return dataDir === undefined ? memoryStorage(runtime) : fileStorage(dataDir, runtime)
}

function startBroker(config: BrokerConfig, storage: Storage): Promise<Broker> {
  return Broker.start({ config, runtime, storage, log: silentLog(), listenHttp: guestListenHttp })
}
