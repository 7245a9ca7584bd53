import type { Broker, BrokerConfig, SharedDatabase } from '@rivven/broker'
import { addressText } from '@rivven/runtime'
import { sameAddresses, startBroker, urlOf } from '../guest.js'
import { notStarted } from '../rivven-testing-error.js'
import { Turns } from '../turns.js'

/** One of the brokers of a `RivvenCluster`. */
export interface RivvenNode {
  /** Its node_id, from 1 on. */
  readonly id: number
  /** False from `kill` on until `restart`. */
  readonly isRunning: boolean
  /** Where this broker is reached, 'host:port': the same in all of its lives. */
  readonly bootstrapServers: string
  /** Where HTTP is served, 'http://host:port'; undefined: nowhere. */
  readonly url: string | undefined
  /** Its present life, or the last one. */
  readonly broker: Broker
}

/** A broker of a cluster that may be ended and started again; what it stored is in the database. */
export class ClusterNode implements RivvenNode {
  readonly id: number
  readonly #database: SharedDatabase
  readonly #config: BrokerConfig
  readonly #turns: Turns
  #broker: Broker
  #isRunning = true

  private constructor(database: SharedDatabase, config: BrokerConfig, turns: Turns, broker: Broker) {
    this.id = config.node_id
    this.#database = database
    this.#config = { ...config, ...sameAddresses(config, broker) }
    this.#turns = turns
    this.#broker = broker
  }

  static async start(database: SharedDatabase, config: BrokerConfig): Promise<ClusterNode> {
    const turns = new Turns()
    try {
      const broker = await turns.take(() => startBroker(config, { database: database.connect() }))
      return new ClusterNode(database, config, turns, broker)
    } catch (error) {
      turns.end()
      throw error
    }
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  get bootstrapServers(): string {
    return addressText(this.#broker.address)
  }

  get url(): string | undefined {
    return urlOf(this.#broker)
  }

  get broker(): Broker {
    return this.#broker
  }

  /** Does nothing where it does not run. */
  end(how: 'kill' | 'stop'): Promise<void> {
    return this.#turns.take(() => this.#end(how))
  }

  /** Throws a RivvenTestingError where it does not start again. */
  restart(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#end('stop')
      try {
        this.#broker = await startBroker(this.#config, { database: this.#database.connect() })
      } catch (error) {
        throw notStarted(error)
      }
      this.#isRunning = true
    })
  }

  async close(): Promise<void> {
    await this.end('stop').finally(() => this.#turns.end())
  }

  async #end(how: 'kill' | 'stop'): Promise<void> {
    if (!this.#isRunning) return
    this.#isRunning = false
    await (how === 'kill' ? this.#broker.kill() : this.#broker.close())
  }
}
