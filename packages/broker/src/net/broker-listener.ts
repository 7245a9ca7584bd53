import type { Address, Arrival, ByteStream, Listener } from '@rivven/runtime'
import { formatAddress } from '../config/address.js'
import { hasSasl, hasTls, type ListenerConfig, mechanismsOf, takesTokens } from '../config/listeners/listener.js'
import { isOverheard } from '../config/listeners/listener-rules.js'
import { tokenRulesOf } from '../config/token-rules.js'
import type { BrokerServices } from '../handlers/handler.js'
import { certificatePrincipal } from '../security/principals/certificate-principal.js'
import { MappingRules } from '../security/principals/mapping-rules.js'
import type { SaslMechanism } from '../security/sasl/mechanism.js'
import type { JwtCheck } from '../security/tokens/jwt-check.js'
import { type Gate, OpenGate } from './authentication/gate.js'
import { SaslGate, type SaslTerms } from './authentication/sasl-gate.js'
import { Connection, type ConnectionHost } from './connection.js'
import type { Connections } from './connections.js'
import type { Entrance } from './entrance/entrance.js'
import { ListenerEntrance } from './entrance/listener-entrance.js'
import type { Visitor } from './entrance/visitor.js'
import type { HeldStreams } from './held-streams.js'
import type { RequestMemory } from './request-memory.js'
import type { Router } from './router.js'
import { tlsAsker } from './tls/certificate-login.js'
import { TlsSide, withCertificates } from './tls/tls-side.js'

export interface BrokerListenerParts {
  readonly config: ListenerConfig
  readonly router: Router
  readonly services: BrokerServices
  readonly connections: Connections
  readonly held: HeldStreams
  readonly entrance: Entrance
  readonly memory: { readonly known: RequestMemory; readonly strangers: RequestMemory }
}

/** One address that clients connect to: how they come in, and what they are told to use. */
export class BrokerListener implements ConnectionHost {
  readonly config: ListenerConfig
  readonly router: Router
  readonly services: BrokerServices
  readonly #connections: Connections
  readonly #held: HeldStreams
  readonly #tokens: JwtCheck | undefined
  readonly #sasl: SaslTerms | undefined
  readonly #tls: TlsSide | undefined
  readonly #rules: MappingRules
  readonly #entrance: Entrance
  readonly #memory: BrokerListenerParts['memory']
  readonly #wayIn: ListenerEntrance
  readonly #visitors = new Map<Connection, Visitor>()
  #listener: Listener | undefined

  constructor({ config, router, services, connections, held, entrance, memory }: BrokerListenerParts) {
    this.config = config
    this.router = router
    this.services = services
    this.#connections = connections
    this.#held = held
    this.#tokens = takesTokens(config)
      ? services.security.tokens.of(tokenRulesOf(config.values, `The listener ${config.name}`))
      : undefined
    this.#entrance = entrance
    this.#memory = memory
    this.#wayIn = new ListenerEntrance({ config, entrance, open: (stream, visitor) => this.#open(stream, visitor) })
    this.#sasl = hasSasl(config) ? this.#saslTerms() : undefined
    this.#rules = new MappingRules(config.values.ssl_principal_mapping_rules)
    const { runtime, log, refusals, audit, traffic } = services
    const { certificateExpiries: expiries, handshakes } = traffic
    traffic.openConnections.set(config.name, 0)
    this.#tls = hasTls(config)
      ? new TlsSide({ config, runtime, log, refusals, audit, arrived: this.#arrived, expiries, handshakes })
      : undefined
  }

  /** Where it listens; the port is the real one where the configuration said 0. */
  get address(): Address {
    return this.#listener?.address ?? this.config.listen
  }

  get listenerName(): string {
    return this.config.name
  }

  get advertised(): Address {
    return this.config.advertised ?? { host: this.config.listen.host, port: this.address.port }
  }

  async start(): Promise<void> {
    const { network } = this.services.runtime
    if (isOverheard(this.config)) {
      const { name, listen } = this.config
      const text = 'whoever is between clients and this listener reads and changes what they say: use SASL_SSL'
      this.services.log.warn({ listener: name, address: formatAddress(listen) }, text)
    }
    await this.#tokens?.begin()
    const tls = await this.#tls?.options()
    this.#listener = await withCertificates(this.config.name, network.listen(this.config.listen, this.#accept, tls))
    this.#tls?.watch(this.#listener)
  }

  /** Shows new connections the certificates that its files have now. */
  async renew(): Promise<void> {
    if (this.#listener) await this.#tls?.renew(this.#listener)
  }

  /** Stops accepting. */
  async close(): Promise<void> {
    this.#tls?.close()
    await this.#listener?.close()
  }

  readonly #accept = (stream: ByteStream, arrival?: Arrival): void => {
    if (arrival) this.#wayIn.shaken(stream, arrival)
    else if (!this.#isHeld(stream)) this.#wayIn.accept(stream)
  }

  readonly #arrived = (arrival: Arrival): void => {
    if (!this.#isHeld(arrival)) this.#wayIn.arrived(arrival)
  }

  /** Of an address that connects too often (KIP-612). */
  #isHeld(comer: Pick<ByteStream, 'remote' | 'destroy'>): boolean {
    const { security, runtime } = this.services
    const delayMs = security.quotas.ofAddresses?.connect(comer.remote.host, runtime.clock.monotonic()) ?? 0
    if (delayMs > 0) this.#held.hold(comer, delayMs)
    return delayMs > 0
  }

  #open(stream: ByteStream, visitor: Visitor): void {
    const { runtime } = this.services
    const gate = this.#gateFor(stream)
    if (!gate) {
      this.#entrance.left(visitor)
      return
    }
    const loginBy = runtime.clock.monotonic() + this.config.values.authentication_timeout_ms
    const connection = new Connection(stream, gate, this)
    this.#visitors.set(connection, visitor)
    this.#connections.add(connection, loginBy)
    if (!gate.isOpen) this.#entrance.addStranger(visitor)
  }

  /** Undefined: the client does not come in. On a listener with SASL its certificate counts for the TLS alone (§2.1). */
  #gateFor(stream: ByteStream): Gate | undefined {
    const { security, config, audit } = this.services
    const { host } = stream.remote
    if (this.#sasl) return this.#saslGate(this.#sasl, host)
    const shown = stream.peerCertificate && certificatePrincipal(stream.peerCertificate, this.#rules)
    if (shown?.kind === 'refused') {
      this.#refuse(host, shown.reason)
      stream.destroy()
      return undefined
    }
    if (shown) audit.loggedIn(tlsAsker(this.config.name, host, shown.principal), { mechanism: 'SSL' })
    const access = security.accessOf(shown?.principal ?? 'User:ANONYMOUS', host)
    return new OpenGate(access, config.socket_request_max_bytes)
  }

  #saslGate(terms: SaslTerms, host: string): Gate {
    const { security, failedLogins } = this.services
    const usualMs = this.config.values.connection_failed_authentication_delay_ms
    return new SaslGate(
      terms,
      (user = 'ANONYMOUS') => security.accessOf(`User:${user}`, host),
      () => failedLogins.failed(host, usualMs),
    )
  }

  #refuse(peer: string, why: string): void {
    this.services.audit.loginFailed(tlsAsker(this.config.name, peer), { mechanism: 'SSL', reason: why })
    const text = 'a client did not come in: its certificate'
    const facts = { listener: this.config.name, peer, reason: why }
    this.services.refusals.add({ reason: 'certificate', level: 'info', text, facts })
  }

  memoryOf(connection: Connection): RequestMemory {
    return connection.gate.isOpen ? this.#memory.known : this.#memory.strangers
  }

  onOpen(connection: Connection): void {
    const visitor = this.#visitors.get(connection)
    if (visitor) this.#entrance.removeStranger(visitor)
  }

  lookAt(connection: Connection, time: number): void {
    this.#connections.lookAt(connection, time)
  }

  onClosed(connection: Connection): void {
    const visitor = this.#visitors.get(connection)
    if (visitor) this.#entrance.left(visitor)
    this.#visitors.delete(connection)
    this.#connections.onClosed(connection)
  }

  #saslTerms(): SaslTerms {
    const { values } = this.config
    const { runtime, security, config, audit } = this.services
    return {
      audit,
      listener: this.config.name,
      clock: runtime.clock,
      mechanisms: mechanismsOf(this.config) as SaslMechanism[],
      newServer: (mechanism) => security.newSaslServer(mechanism, this.#tokens),
      apiOf: (apiKey, apiVersion) => this.router.find(apiKey, apiVersion)?.api,
      frameSizes: { beforeLogin: values.sasl_server_max_receive_size, afterLogin: config.socket_request_max_bytes },
      sessionMs: values.connections_max_reauth_ms,
    }
  }
}
