import type { Address, ByteStream, Listener } from '@rivven/runtime'
import { hasSasl, type ListenerConfig, mechanismsOf } from '../config/listeners/listener.js'
import type { BrokerServices } from '../handlers/handler.js'
import type { SaslMechanism } from '../security/sasl/mechanism.js'
import { type Gate, OpenGate } from './authentication/gate.js'
import { SaslGate, type SaslTerms } from './authentication/sasl-gate.js'
import { Connection, type ConnectionHost } from './connection.js'
import type { Connections } from './connections.js'
import type { Router } from './router.js'

export interface BrokerListenerParts {
  readonly config: ListenerConfig
  readonly router: Router
  readonly services: BrokerServices
  readonly connections: Connections
}

/** One address that clients connect to: how they come in, and what they are told to use. */
export class BrokerListener implements ConnectionHost {
  readonly config: ListenerConfig
  readonly router: Router
  readonly services: BrokerServices
  readonly #connections: Connections
  readonly #sasl: SaslTerms | undefined
  #listener: Listener | undefined

  constructor({ config, router, services, connections }: BrokerListenerParts) {
    this.config = config
    this.router = router
    this.services = services
    this.#connections = connections
    this.#sasl = hasSasl(config) ? this.#saslTerms() : undefined
  }

  /** Where it listens; the port is the real one where the configuration said 0. */
  get address(): Address {
    return this.#listener?.address ?? this.config.listen
  }

  get advertised(): Address {
    return this.config.advertised ?? { host: this.config.listen.host, port: this.address.port }
  }

  async start(): Promise<void> {
    const { network } = this.services.runtime
    const { authentication_timeout_ms: loginWithinMs } = this.config.values
    this.#listener = await network.listen(this.config.listen, (stream) => {
      this.#connections.add(new Connection(stream, this), loginWithinMs)
    })
  }

  /** Stops accepting. */
  async close(): Promise<void> {
    await this.#listener?.close()
  }

  openGate({ remote }: ByteStream): Gate {
    const { security } = this.services
    const accessOf = (user = 'ANONYMOUS') => security.accessOf(`User:${user}`, remote.host)
    if (this.#sasl) return new SaslGate(this.#sasl, accessOf)
    return new OpenGate(accessOf(), this.services.config.socket_request_max_bytes)
  }

  onOpen(connection: Connection): void {
    this.#connections.onOpen(connection)
  }

  onClosed(connection: Connection): void {
    this.#connections.onClosed(connection)
  }

  #saslTerms(): SaslTerms {
    const { values } = this.config
    const { runtime, security, config } = this.services
    return {
      clock: runtime.clock,
      mechanisms: mechanismsOf(this.config) as SaslMechanism[],
      newServer: (mechanism) => security.newSaslServer(mechanism),
      apiOf: (apiKey, apiVersion) => this.router.find(apiKey, apiVersion)?.api,
      frameSizes: { beforeLogin: values.sasl_server_max_receive_size, afterLogin: config.socket_request_max_bytes },
      failureDelayMs: values.connection_failed_authentication_delay_ms,
      sessionMs: values.connections_max_reauth_ms,
    }
  }
}
