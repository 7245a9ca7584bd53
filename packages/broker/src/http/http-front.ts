import type { Address, HttpListener, HttpServer, ListenHttp, Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import { formatAddress, isLoopback } from '../config/address.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { ConfigError } from '../config/config-error.js'
import { type HttpListenerConfig, httpListenerOf } from '../config/http-listener.js'
import type { BrokerServices } from '../handlers/handler.js'
import type { HttpAppOptions } from './app.js'
import { Health } from './health.js'

export interface HttpFrontOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly log: Logger
  /** Without it nothing is served over HTTP. */
  readonly listenHttp?: ListenHttp
}

/**
 * What a broker shows over HTTP. Open before its storage is, so that a long start can be watched; closed after all else,
 * so that an end can.
 */
export class HttpFront {
  readonly health = new Health()
  #services: BrokerServices | undefined
  #server: HttpServer | undefined
  #warning: string | undefined

  static async open(options: HttpFrontOptions): Promise<HttpFront> {
    const { config, listenHttp } = options
    const front = new HttpFront()
    const listener = httpListenerOf(config)
    if (listener && listenHttp) front.#server = await front.#listen(listener, listenHttp, options)
    return front
  }

  /** Undefined: nothing is served. The port is the real one where the config said 0. */
  get address(): Address | undefined {
    return this.#server?.address
  }

  /** Storage is open: from here on there is something to show. */
  show(services: BrokerServices): void {
    this.#services = services
    this.health.storageOpened(services)
  }

  /** The broker is open for all. Warns only now: what ends a start is said alone. */
  opened(log: Logger): void {
    this.health.listening()
    if (this.#warning !== undefined) log.warn(this.#warning)
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  /** Undefined where the default address is in use, which is only warned about: the user did not ask for it. */
  async #listen(
    { address, shown }: HttpListenerConfig,
    listenHttp: ListenHttp,
    { config, runtime, log }: HttpFrontOptions,
  ): Promise<HttpServer | undefined> {
    const isLocal = isLoopback(address.host)
    const services = () => this.#services
    const app = { health: this.health, clock: runtime.clock, log, isLoopback: isLocal, shown, services }
    try {
      return await listenHttp(address, lazyListener(app))
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const sentence = `HTTP cannot be served on ${formatAddress(address)} (${code ?? message})`
      const advice = 'Choose another address with --http, or --http off.'
      if (config.given.has('http')) throw new ConfigError(`${sentence}. ${advice}`)
      this.#warning = `${sentence}: this broker has no metrics and no health checks. ${advice}`
      return undefined
    }
  }
}

/** The framework and what makes metrics are loaded with the first request: many brokers are never asked. */
function lazyListener(options: HttpAppOptions): HttpListener {
  let loading: Promise<HttpListener> | undefined
  const load = async (): Promise<HttpListener> => {
    const [{ getRequestListener }, { httpApp }] = await Promise.all([import('@hono/node-server'), import('./app.js')])
    return getRequestListener(httpApp(options).fetch, { overrideGlobalObjects: false })
  }
  return (incoming, outgoing) => {
    loading ??= load()
    loading.then(
      (listener) => listener(incoming, outgoing),
      (error: unknown) => {
        options.log.error({ error }, 'HTTP cannot be served')
        outgoing.destroy()
      },
    )
  }
}
