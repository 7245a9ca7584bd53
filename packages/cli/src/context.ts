import { Admin, Consumer, type ConsumerOptions, Producer, type ProducerOptions } from '@rivven/client'
import type { Runtime } from '@rivven/runtime'
import { type ClientConfig, loadConfig, type Section } from './config-file.js'
import type { OutputFormat } from './output.js'
import { requireAnswer } from './reach.js'
import type { Terminal } from './terminal.js'

/** Options that every command takes. */
export interface GlobalOptions {
  bootstrapServers?: string
  config?: string
  output?: OutputFormat
}

/** What a command works with: where the cluster is, where words go, and clients that are closed when it is done. */
export class CommandContext {
  readonly #closers: (() => Promise<void>)[] = []
  #answers: Promise<void> | null = null

  constructor(
    readonly options: GlobalOptions,
    readonly terminal: Terminal,
    readonly runtime: Runtime,
  ) {}

  get output(): OutputFormat {
    return this.options.output ?? 'table'
  }

  get bootstrapServers(): string[] | undefined {
    const given = this.options.bootstrapServers ?? this.terminal.env.RIVVEN_BOOTSTRAP_SERVERS
    return given
      ?.split(',')
      .map((server) => server.trim())
      .filter((server) => server !== '')
  }

  async admin(): Promise<Admin> {
    const { bootstrapServers } = await this.#clientConfig('consumer')
    return this.#open(new Admin({ clientId: 'rivvenctl', ...patience, bootstrapServers: asList(bootstrapServers) }))
  }

  async producer(options: Partial<ProducerOptions> = {}): Promise<Producer> {
    const config = await this.#clientConfig('producer')
    return this.#open(
      new Producer({ clientId: 'rivvenctl', ...patience, maxBlockMs: 8000, ...config, ...options } as ProducerOptions),
    )
  }

  /** What the file and the environment say of consumers. */
  async consumerConfig(): Promise<Partial<ConsumerOptions>> {
    return (await this.#clientConfig('consumer')) as Partial<ConsumerOptions>
  }

  async consumer(options: Partial<ConsumerOptions> = {}): Promise<Consumer> {
    const config = await this.#clientConfig('consumer')
    return this.#open(new Consumer({ clientId: 'rivvenctl', ...patience, ...config, ...options } as ConsumerOptions))
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()))
  }

  #open<Client extends { close(): Promise<unknown> }>(client: Client): Client {
    this.#closers.push(async () => {
      await client.close()
    })
    return client
  }

  /** The file and the environment, with the command line over both. */
  async #clientConfig(section: Section): Promise<ClientConfig> {
    const config = await loadConfig(section, {
      disk: this.runtime.disk,
      path: this.options.config ?? this.terminal.env.RIVVEN_CONFIG,
      env: this.terminal.env,
    })
    const bootstrapServers = this.bootstrapServers ?? config.bootstrapServers ?? 'localhost:9092'
    this.#answers ??= requireAnswer(asList(bootstrapServers))
    await this.#answers
    return { ...config, bootstrapServers: asList(bootstrapServers) }
  }
}

/** A person waits. */
const patience = { requestTimeoutMs: 10_000, connectTimeoutMs: 5_000 }

function asList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : String(value).split(',')
}
