import {
  Admin,
  type ClusterOptions,
  type ConfigPlaces,
  Consumer,
  type ConsumerOptions,
  type Logger,
  loadConsumerConfig,
  loadProducerConfig,
  Producer,
  type ProducerOptions,
} from '@rivven/client'
import type { Runtime } from '@rivven/runtime'
import { bootstrapServersOf, configPlaces } from './settings/config-places.js'
import type { GlobalOptions } from './settings/global-options.js'
import { type Matter, settingsAbout } from './settings/settings.js'
import type { Terminal } from './terminal/terminal.js'
import type { OutputFormat } from './text/output.js'

/** What a command works with: where the cluster is, where words go, and clients that are closed when it is done. */
export class CommandContext {
  readonly #closers: (() => Promise<void>)[] = []
  #admin: Promise<Admin> | null = null
  #readPlaces: Promise<ConfigPlaces> | null = null

  constructor(
    readonly options: GlobalOptions,
    readonly terminal: Terminal,
    readonly runtime: Runtime,
  ) {}

  get output(): OutputFormat {
    return this.options.output ?? 'table'
  }

  /** One for the whole command. */
  admin(): Promise<Admin> {
    this.#admin ??= this.#openAdmin()
    return this.#admin
  }

  async #openAdmin(): Promise<Admin> {
    const config = await this.#taken(await loadConsumerConfig(await this.#places()), 'cluster')
    return this.#open(new Admin({ ...this.#defaults, ...config }))
  }

  async producer(options: Partial<ProducerOptions> = {}): Promise<Producer> {
    const config = await this.#taken(await loadProducerConfig(await this.#places()), 'cluster', 'records')
    return this.#open(new Producer({ ...this.#defaults, maxBlockMs: 5000, ...config, ...options }))
  }

  async consumer(options: Partial<ConsumerOptions> = {}): Promise<Consumer> {
    const config = await this.#taken(await loadConsumerConfig(await this.#places()), 'cluster', 'records')
    return this.#open(new Consumer({ ...this.#defaults, ...config, ...options }))
  }

  /** The group that the file or the environment names: an application's, of which rivvenctl is no member by itself. */
  async groupOfApplication(): Promise<string | undefined> {
    return (await loadConsumerConfig(await this.#places())).groupId
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()))
  }

  #open<Client extends { close(options: { timeoutMs: number }): Promise<unknown> }>(client: Client): Client {
    this.#closers.push(async () => {
      await client.close({ timeoutMs: closingMs })
    })
    return client
  }

  get #defaults() {
    return { clientId: 'rivvenctl', logger: wordsOf(this.terminal), ...patience }
  }

  #places(): Promise<ConfigPlaces> {
    this.#readPlaces ??= configPlaces(this.options, this.terminal, this.runtime)
    return this.#readPlaces
  }

  /** Settings about such matters, at the cluster that all commands speak to. */
  async #taken<Options extends ClusterOptions>(config: Options, ...matters: Matter[]): Promise<Options> {
    const bootstrapServers = await bootstrapServersOf(await this.#places(), this.options.bootstrapServers)
    return { ...settingsAbout(config, ...matters), bootstrapServers }
  }
}

/** That nobody was ever there is not said twice: it ends the command soon. */
function wordsOf(terminal: Terminal): Logger {
  return {
    warn: (text, facts) => {
      if (facts?.wasReached !== false) terminal.words(`${text}\n`)
    },
  }
}

/** For leaving a group, in milliseconds: a person waits. */
const closingMs = 5000

const patience = { unreachableTimeoutMs: 3_000, requestTimeoutMs: 10_000, connectTimeoutMs: 5_000 }
