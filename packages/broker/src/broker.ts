import type { Address } from '@rivven/runtime'
import type { BrokerOptions } from './broker-options.js'
import { logOptionsOf, openAudit, openSecurity, sessionLimitsOf, withFittingConfig } from './broker-parts.js'
import { Chores } from './chores.js'
import { ClientSoftware } from './client-software.js'
import { type Cluster, leads } from './cluster/cluster.js'
import { type LeaderListener, LedPartitions } from './cluster/led-partitions.js'
import { type OpenCluster, openCluster } from './cluster/open-cluster.js'
import { PartitionFinder } from './cluster/partition-finder.js'
import { EndOffsets } from './cluster/peers/end-offsets.js'
import { Nudges } from './cluster/peers/nudges.js'
import { Peers } from './cluster/peers/peers.js'
import { Transitions } from './cluster/transitions.js'
import { type Authorization, authorizationOf } from './config/authorization.js'
import { type HttpActions, httpListenerOf } from './config/http-listener.js'
import type { ListenerConfig, SecurityProtocol } from './config/listeners/listener.js'
import { listenersOf } from './config/listeners/listeners.js'
import { Coordinator } from './coordinator/groups/coordinator.js'
import { offsetsTopic } from './coordinator/groups/offsets-topic.js'
import { GroupHistories } from './coordinator/history/group-histories.js'
import { FlightRecorder } from './coordinator/timeline/flight-recorder.js'
import { StoryPartitions } from './coordinator/timeline/story-partitions.js'
import { ProducerIds } from './coordinator/transactions/producer-ids.js'
import { TransactionCoordinator, transactionsTopic } from './coordinator/transactions/transaction-coordinator.js'
import { TransactionDesk } from './coordinator/transactions/transaction-desk.js'
import { TransactionGate } from './coordinator/transactions/transaction-gate.js'
import { DescriptorWatch } from './descriptor-watch.js'
import { BrokerWatch } from './doctor/broker-watch.js'
import { FetchSessions } from './fetch/fetch-sessions.js'
import { MovedPartitions } from './fetch/moved-partitions.js'
import { Readers } from './fetch/readers.js'
import { RebalanceHints } from './fetch/rebalance-hints.js'
import { FewAtOnce } from './few-at-once.js'
import { frameBuffers } from './frame-buffers.js'
import { handlersFor } from './handlers/all-handlers.js'
import type { BrokerServices } from './handlers/handler.js'
import { StreamPlaces } from './http/events/stream-places.js'
import { HttpFront } from './http/http-front.js'
import { learnEnds } from './lag/committed-elsewhere.js'
import { GroupLag } from './lag/group-lag.js'
import { LagElsewhere } from './lag/lag-elsewhere.js'
import type { BrokerListener } from './net/broker-listener.js'
import { FailedLogins } from './net/failed-logins.js'
import { Refusals } from './net/refusals.js'
import { Router } from './net/router.js'
import { Server } from './net/server.js'
import { peerAccessOf } from './peer-access.js'
import { readBuffers } from './read-buffers.js'
import type { Audit } from './security/audit/audit.js'
import type { Security } from './security/security.js'
import { ClientTelemetry } from './telemetry/client-telemetry.js'
import { Traffic } from './traffic.js'

/** Where clients connect, and how. */
export interface OpenListener {
  readonly name: string
  readonly protocol: SecurityProtocol
  /** The host as it was set, the port as it is. */
  readonly address: Address
}

interface BrokerParts {
  readonly services: BrokerServices
  readonly server: Server
  readonly http: HttpFront
  readonly led: LedPartitions
  readonly opened: OpenCluster
}

/** What there is before storage is open. */
interface Foreground {
  readonly http: HttpFront
  readonly httpActions: HttpActions
  readonly listeners: readonly ListenerConfig[]
  readonly authorization: Authorization
  readonly traffic: Traffic
  readonly refusals: Refusals
  readonly audit: Audit
}

/** How often it is looked for file descriptors. */
const DESCRIPTORS_MS = 10_000
/** How often it looks at itself. */
const WATCH_MS = 10_000
/** So many calls of the API read records at a time. */
const RECORD_READS = 4
/** Memory for requests and reads that nobody has needed for so long is freed. */
const UNUSED_MS = 10_000

/** A whole broker: storage, logs, catalog, coordinator, and the server in front of them. */
export class Broker {
  readonly #services: BrokerServices
  readonly #server: Server
  readonly #http: HttpFront
  readonly #led: LedPartitions
  readonly #opened: OpenCluster
  readonly #chores: Chores

  private constructor({ services, server, http, led, opened }: BrokerParts) {
    this.#services = services
    this.#server = server
    this.#http = http
    this.#led = led
    this.#opened = opened
    this.#chores = new Chores(services.runtime.clock, services.log)
  }

  /** Opens what is stored, then listens: when it resolves, requests are answered. */
  static async start(given: BrokerOptions): Promise<Broker> {
    const options = withFittingConfig(given)
    const { config, runtime, log } = options
    const listeners = listenersOf(config)
    const authorization = authorizationOf(config, listeners)
    const traffic = new Traffic()
    const refusals = new Refusals(runtime.clock, log)
    const listener = httpListenerOf(config, authorization)
    const audit = await openAudit(options, authorization)
    const http = await HttpFront.open({ ...options, listener, traffic, refusals, audit }).catch(async (error) => {
      await audit.close()
      throw error
    })
    try {
      const httpActions = listener?.actions ?? 'off'
      return await Broker.#startBehind(
        { http, httpActions, listeners, authorization, traffic, refusals, audit },
        options,
      )
    } catch (error) {
      await http.close()
      refusals.close()
      await audit.close()
      throw error
    }
  }

  static async #startBehind(
    { http, httpActions, listeners, authorization, traffic, refusals, audit }: Foreground,
    options: BrokerOptions,
  ): Promise<Broker> {
    const { config, runtime } = options
    const access = await peerAccessOf(config, listeners, runtime.disk)
    const opened = await openCluster(options)
    const { cluster } = opened
    const { catalog } = cluster
    const security = await openSecurity(options, authorization, { documents: cluster.documents, audit })
    const logs = await opened.openLogs(logOptionsOf(options))
    const producerIds = new ProducerIds((count, above) => cluster.reserveProducerIds(count, above))
    const router = new Router(handlersFor(config), config.max_request_elements)
    const transitions = new Transitions(runtime.clock)
    const isServing = () => cluster.isServing
    const peers = new Peers({ runtime, cluster, access, log: options.log })
    const stories = new StoryPartitions({ clock: runtime.clock, catalog, logs, cluster, peers })
    const flightRecorder = new FlightRecorder({
      config,
      runtime,
      catalog,
      cluster,
      partitions: stories,
      log: options.log,
    })
    const clientSoftware = new ClientSoftware()
    const histories = new GroupHistories(runtime.clock, clientSoftware)
    const readers = new Readers(runtime.clock)
    const movedPartitions = new MovedPartitions({ clock: runtime.clock, catalog, readers, histories })
    const rebalanceHints = new RebalanceHints(runtime.clock, new Nudges(cluster, peers))
    const coordinator = new Coordinator({
      config,
      runtime,
      catalog,
      logs,
      log: options.log,
      isServing,
      leads: (topic, partition) => leads(cluster, topic, partition),
      observers: [rebalanceHints, flightRecorder, movedPartitions],
      histories,
    })
    const partitions = new PartitionFinder(cluster, logs, transitions)
    const transactions = new TransactionCoordinator({
      config,
      runtime,
      catalog,
      cluster,
      partitions,
      peers,
      coordinator,
      producerIds,
      isServing,
      log: options.log,
    })
    const transactionDesk = new TransactionDesk({ transactions, cluster, peers, clock: runtime.clock })
    const verifies = config.transaction_partition_verification_enable
    const endOffsets = new EndOffsets({ cluster, peers, clock: runtime.clock })
    const elsewhere = new LagElsewhere({ cluster, peers, catalog, clock: runtime.clock })
    const lag = new GroupLag({
      ...{ catalog, logs, endOffsets, elsewhere, readers, clock: runtime.clock, windowMs: config.lag_window_ms },
      groups: () => coordinator.groups(),
    })
    const services: BrokerServices = {
      config,
      runtime,
      cluster,
      catalog,
      logs,
      partitions,
      peers,
      endOffsets,
      coordinator,
      transactions,
      transactionDesk,
      transactionGate: new TransactionGate({ desk: transactionDesk, verifies }),
      flightRecorder,
      fetchSessions: new FetchSessions(sessionLimitsOf(config), runtime.clock, runtime.random),
      rebalanceHints,
      readers,
      clientSoftware,
      clientTelemetry: new ClientTelemetry(runtime),
      lag,
      brokerWatch: new BrokerWatch({
        ...{ runtime, histories, catalog, logs },
        groups: () => coordinator.groups(),
        space: () => opened.space(),
      }),
      producerIds,
      security,
      audit,
      traffic,
      refusals,
      failedLogins: new FailedLogins(runtime.clock, refusals),
      recordReads: new FewAtOnce(RECORD_READS),
      streamPlaces: new StreamPlaces(),
      httpActions,
      log: options.log,
      advertisedApis: router.advertised,
      ownApis: router.own,
    }
    await http.show(services)
    const coordinators = new Map<string, LeaderListener>([
      [offsetsTopic, coordinator],
      [transactionsTopic, transactions],
    ])
    const led = new LedPartitions({ logs, listeners: coordinators, transitions, log: options.log })
    const server = new Server({ listeners, router, services })
    const broker = new Broker({ services, server, http, led, opened })
    await broker.#open()
    return broker
  }

  /** Where it listens; the port is the real one where the config said 0. Of several listeners the first one's. */
  get address(): Address {
    return (this.#server.listeners[0] as BrokerListener).address
  }

  get listeners(): readonly OpenListener[] {
    return this.#server.listeners.map(({ config: { name, protocol, listen }, address }) => ({
      name,
      protocol,
      address: { host: listen.host, port: address.port },
    }))
  }

  /** Where HTTP is served; undefined: nowhere. */
  get httpAddress(): Address | undefined {
    return this.#http.address
  }

  /** Does HTTP go over TLS? */
  get isHttpEncrypted(): boolean {
    return this.#http.isEncrypted
  }

  /** Who is here and who leads what, for the program that the broker is a part of. */
  get cluster(): Pick<Cluster, 'brokerId' | 'image' | 'onChange' | 'drain'> {
    return this.#services.cluster
  }

  /** Users and ACLs, for the program that the broker is a part of: it needs no rights to change them. */
  get security(): Security {
    return this.#services.security
  }

  /** Looks at the files of certificates and keys now, which it does every ssl_reload_interval_ms anyway. */
  async renewCertificates(): Promise<void> {
    await Promise.all([this.#server.renewCertificates(), this.#http.renewCertificates()])
  }

  /** Goes on in a new file of the audit log: the one it had was moved away. */
  reopenAuditLog(): Promise<void> {
    return this.#services.audit.reopen()
  }

  get connectionCount(): number {
    return this.#server.connectionCount
  }

  /** Answers what is under way, then closes everything so that the next start is a clean one. */
  async close(): Promise<void> {
    const { cluster, coordinator, transactions, peers, flightRecorder, catalog, logs } = this.#services
    this.#http.health.ending()
    // Later on others lead what it would be written to.
    await flightRecorder.settled()
    await cluster.leave()
    this.#chores.stop()
    this.#services.brokerWatch.close()
    // At once, too: whoever waits for a rebalance would hold the server, and sessions would end that nobody can renew.
    await Promise.all([this.#server.close(), transactions.close(), coordinator.close()])
    peers.close()
    await flightRecorder.close()
    await catalog.settled()
    await this.#services.security.settled()
    await this.#services.audit.close()
    await logs.close()
    await this.#opened.close()
    await this.#http.close()
  }

  /** For tests: ends as a killed process would, with nothing written that a clean end writes. */
  async kill(): Promise<void> {
    const { cluster, coordinator, transactions, peers, flightRecorder, catalog } = this.#services
    this.#chores.stop()
    this.#services.brokerWatch.close()
    flightRecorder.abandon()
    await this.#http.close()
    await this.#server.destroy()
    await cluster.abandon()
    peers.close()
    await transactions.close()
    await coordinator.close()
    await catalog.settled()
    await this.#services.security.settled()
    await this.#opened.close()
  }

  async #open(): Promise<void> {
    const { cluster, coordinator, transactions, flightRecorder, logs, config } = this.#services
    try {
      await flightRecorder.start()
      coordinator.start()
      transactions.start()
      await cluster.start({ led: this.#led, listen: () => this.#listen() })
      this.#http.opened(this.#services.log)
    } catch (error) {
      await this.close()
      throw error
    }
    const { log_initial_task_delay_ms: firstMs, log_retention_check_interval_ms: retentionMs } = config
    this.#chores.repeat('log retention', { firstMs, everyMs: retentionMs }, () => logs.retain())
    const cleanerMs = config.log_cleaner_backoff_ms
    this.#chores.repeat('log compaction', { firstMs: cleanerMs, everyMs: cleanerMs }, () => logs.clean())
    this.#chores.repeat('freeing memory', { firstMs: UNUSED_MS, everyMs: UNUSED_MS }, async () => {
      for (const buffers of [frameBuffers, readBuffers]) buffers.freeUnused()
    })
    this.#sampleLag()
    this.#chores.repeat('the look at the broker itself', { firstMs: WATCH_MS, everyMs: WATCH_MS }, async () =>
      this.#services.brokerWatch.sample(),
    )
    this.#watchDescriptors()
  }

  #sampleLag(): void {
    const { config, lag } = this.#services
    const everyMs = config.lag_sample_interval_ms
    if (everyMs === 0) return
    this.#chores.repeat('the look at lag', { firstMs: everyMs, everyMs }, async () => {
      await learnEnds(this.#services)
      await lag.sample()
    })
  }

  async #listen(): Promise<ReadonlyMap<string, Address>> {
    await this.#server.start()
    return new Map(this.#server.listeners.map(({ config, advertised }) => [config.name, advertised]))
  }

  /** The operating system lets nobody know that it has closed a connection for want of a descriptor. */
  #watchDescriptors(): void {
    const { runtime, log } = this.#services
    if (!runtime.descriptors) return
    const watch = new DescriptorWatch(runtime.descriptors, log)
    this.#chores.repeat('the look at file descriptors', { firstMs: DESCRIPTORS_MS, everyMs: DESCRIPTORS_MS }, () =>
      watch.look(),
    )
  }
}
