import type { Address, HttpListener, HttpServer, ListenHttp, Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import { formatAddress } from '../config/address.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { ConfigError } from '../config/config-error.js'
import type { HttpListenerConfig } from '../config/http-listener.js'
import type { BrokerServices } from '../handlers/handler.js'
import type { Refusals } from '../net/refusals.js'
import { TlsSide, withCertificates } from '../net/tls/tls-side.js'
import type { Audit } from '../security/audit/audit.js'
import type { Traffic } from '../traffic.js'
import type { HttpAppOptions } from './app.js'
import { Health } from './health.js'
import type { Shown } from './hook/entrance.js'
import { Logins } from './hook/logins.js'
import { withHandshakesInTurn } from './https-handshakes.js'

export interface HttpFrontOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly log: Logger
  /** Without it nothing is served over HTTP. */
  readonly listenHttp?: ListenHttp
  /** Where HTTP is served, and to whom; undefined: nowhere. */
  readonly listener: HttpListenerConfig | undefined
  readonly traffic: Pick<Traffic, 'certificateExpiries' | 'handshakes'>
  readonly refusals: Refusals
  readonly audit: Audit
}

/**
 * What a broker shows over HTTP. Open before its storage is, so that a long start can be watched; closed after all else,
 * so that an end can.
 */
export class HttpFront {
  readonly health = new Health()
  readonly #listener: HttpListenerConfig | undefined
  #shown: Shown | undefined
  #server: HttpServer | undefined
  #tls: TlsSide | undefined
  #warning: string | undefined

  private constructor(listener: HttpListenerConfig | undefined) {
    this.#listener = listener
  }

  static async open(options: HttpFrontOptions): Promise<HttpFront> {
    const { listener, listenHttp } = options
    const front = new HttpFront(listener)
    if (listener && listenHttp) front.#server = await front.#listen(listener, listenHttp, options)
    return front
  }

  get isEncrypted(): boolean {
    return this.#tls !== undefined
  }

  /** Undefined: nothing is served. The port is the real one where the config said 0. */
  get address(): Address | undefined {
    return this.#server?.address
  }

  /** Storage is open: from here on there is something to show. Throws ConfigError where nobody could log in. */
  async show(broker: BrokerServices): Promise<void> {
    this.health.storageOpened(broker)
    if (!this.#listener) return
    const logins = new Logins(this.#listener, broker.security)
    await logins.begin()
    this.#shown = { broker, logins }
  }

  /** The broker is open for all. Warns only now: what ends a start is said alone. */
  opened(log: Logger): void {
    this.health.listening()
    if (this.#warning !== undefined) log.warn(this.#warning)
  }

  /** Shows new connections the certificates that its files have now. */
  async renewCertificates(): Promise<void> {
    if (this.#server) await this.#tls?.renew(this.#server)
  }

  async close(): Promise<void> {
    this.#tls?.close()
    await this.#server?.close()
  }

  /** Undefined where the default address is in use, which is only warned about: the user did not ask for it. */
  async #listen(
    listener: HttpListenerConfig,
    listenHttp: ListenHttp,
    options: HttpFrontOptions,
  ): Promise<HttpServer | undefined> {
    const { config, runtime, log } = options
    const { name, address, isEncrypted } = listener
    const app = {
      health: this.health,
      clock: runtime.clock,
      disk: runtime.disk,
      log,
      listener,
      shown: () => this.#shown,
    }
    if (isEncrypted) this.#tls = tlsOf(listener, options)
    const tls = this.#tls && withHandshakesInTurn(await this.#tls.options(), listener, runtime.clock)
    try {
      const server = await withCertificates(name, listenHttp(address, lazyListener(app), { tls }))
      this.#tls?.watch(server)
      return server
    } catch (error) {
      if (error instanceof ConfigError) throw error
      const { code, message } = error as NodeJS.ErrnoException
      const sentence = `HTTP cannot be served on ${formatAddress(address)} (${code ?? message})`
      const advice = 'Choose another address with --http, or --http off.'
      if (config.given.has('http')) throw new ConfigError(`${sentence}. ${advice}`)
      this.#warning = `${sentence}: this broker has no metrics and no health checks. ${advice}`
      return undefined
    }
  }
}

function tlsOf(listener: HttpListenerConfig, { traffic, ...parts }: HttpFrontOptions): TlsSide {
  const { certificateExpiries: expiries, handshakes } = traffic
  // As with SASL a certificate decides who may connect, and is no login.
  const config = { ...listener, protocol: 'SASL_SSL' as const }
  return new TlsSide({ ...parts, config, expiries, handshakes })
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
