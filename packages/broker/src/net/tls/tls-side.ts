import {
  type Address,
  type Arrival,
  type Listener,
  type Runtime,
  type Timer,
  TlsError,
  type TlsListen,
} from '@rivven/runtime'
import type { Logger } from 'pino'
import { ConfigError } from '../../config/config-error.js'
import type { ListenerConfig } from '../../config/listeners/listener.js'
import type { LabelledCounts } from '../../labelled-counts.js'
import { type Audit, brokerItself } from '../../security/audit/audit.js'
import type { Refusals } from '../refusals.js'
import { namesClients, tlsAsker } from './certificate-login.js'
import { type ReadIdentities, readIdentities } from './identity-files.js'

export interface TlsSideParts {
  readonly config: Pick<ListenerConfig, 'name' | 'protocol' | 'values'>
  readonly runtime: Pick<Runtime, 'clock' | 'disk'>
  readonly log: Logger
  readonly refusals: Refusals
  readonly audit: Audit
  readonly handshakes: LabelledCounts<'listener' | 'outcome'>
  /** What has come, before its handshake; undefined: that begins at once. */
  readonly arrived?: ((arrival: Arrival) => void) | undefined
  /** When the first certificate of each listener is over, for the metrics. */
  readonly expiries: Map<string, number>
}

/** The certificates of a listener: read at the start, looked at again and again, and renewed when their files change. */
export class TlsSide {
  readonly #parts: TlsSideParts
  #read: ReadIdentities | undefined
  #timer: Timer | undefined
  #isClosed = false
  /** What is wrong with the files, told once. */
  #fault: string | undefined

  constructor(parts: TlsSideParts) {
    this.#parts = parts
  }

  /** Reads the files. Throws ConfigError where they cannot be used. */
  async options(): Promise<TlsListen> {
    const { config, arrived } = this.#parts
    const { values } = config
    const read = await this.#readFiles()
    this.#take(read)
    const versions = values.ssl_enabled_protocols
      .split(',')
      .map((version) => version.trim())
      .sort()
    return {
      identities: read.identities,
      clientAuth: values.ssl_client_auth,
      minVersion: versions[0] as TlsListen['minVersion'],
      maxVersion: versions.at(-1) as TlsListen['maxVersion'],
      ciphers: values.ssl_cipher_suites || undefined,
      handshakeTimeoutMs: values.ssl_handshake_timeout_ms,
      ...(arrived && { arrived }),
      onAdmitted: () => this.#countHandshake('done'),
      onRefused: (remote: Address, why: string) => this.#refuse(remote, why),
    }
  }

  /** Looks at the files from now on. */
  watch(listener: Listener): void {
    const { runtime, config } = this.#parts
    this.#timer = runtime.clock.setTimer(config.values.ssl_reload_interval_ms, async () => {
      await this.renew(listener)
      if (!this.#isClosed) this.watch(listener)
    })
  }

  /** Takes what the files say now, where it can be used; else what was read before stays. */
  async renew(listener: Listener): Promise<void> {
    const { log, config } = this.#parts
    try {
      const read = await this.#readFiles()
      if (this.#isClosed || isSame(read, this.#read)) return
      listener.renew?.(read.identities)
      if (read.subject !== this.#read?.subject) {
        log.warn({ listener: config.name, subject: read.subject, before: this.#read?.subject }, 'another certificate')
      }
      this.#take(read)
      this.#fault = undefined
      log.info({ listener: config.name, expiresAt: read.expiresAt }, 'certificates were renewed')
      this.#tellRenewal('NONE')
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof TlsError)) throw error
      if (error.message === this.#fault) return
      this.#fault = error.message
      log.error(
        { listener: config.name, reason: error.message },
        'certificates were not renewed: the old ones are used',
      )
      this.#tellRenewal('INVALID_CONFIG')
    }
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #refuse({ host }: Address, why: string): void {
    const { refusals, config, audit } = this.#parts
    this.#countHandshake('failed')
    if (namesClients(config)) audit.loginFailed(tlsAsker(config.name, host), { mechanism: 'SSL', reason: why })
    const text = 'a client did not come in: TLS'
    const facts = { listener: config.name, peer: host, reason: why }
    refusals.add({ reason: 'tls', level: 'info', text, facts, cause: `${text} ${config.name} ${why}` })
  }

  #countHandshake(outcome: 'done' | 'failed'): void {
    const { config, handshakes } = this.#parts
    handshakes.add({ listener: config.name, outcome })
  }

  #tellRenewal(error: string): void {
    const { audit, config } = this.#parts
    const what = { operation: 'ALTER', type: 'LISTENER', name: config.name, detail: 'certificates' } as const
    audit.changed({ ...brokerItself, listener: config.name }, { ...what, error })
  }

  #readFiles(): Promise<ReadIdentities> {
    const { config, runtime } = this.#parts
    return readIdentities(config.values, runtime.disk, runtime.clock.now())
  }

  #take(read: ReadIdentities): void {
    const { config, expiries } = this.#parts
    this.#read = read
    if (read.expiresAt !== undefined) expiries.set(config.name, read.expiresAt)
  }
}

/** What OpenSSL does not take of certificates, keys and ciphers is for the operator to put right: throws ConfigError. */
export async function withCertificates<T>(listener: string, listening: Promise<T>): Promise<T> {
  try {
    return await listening
  } catch (error) {
    if (!(error instanceof TlsError)) throw error
    throw new ConfigError(`The certificates of the listener ${listener} cannot be used: ${error.message}.`)
  }
}

function isSame(one: ReadIdentities, other: ReadIdentities | undefined): boolean {
  return other !== undefined && textOf(one) === textOf(other)
}

function textOf({ identities: { own, named } }: ReadIdentities): string {
  return JSON.stringify([own, ...named])
}
