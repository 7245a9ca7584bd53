import { type Address, descriptorSentence, type ListenHttp, type Runtime, type Timer } from '@rivven/runtime'
import type { Logger } from 'pino'
import { AloneCluster } from './cluster/alone/alone-cluster.js'
import { type LeaderListener, LedPartitions } from './cluster/led-partitions.js'
import { PartitionFinder } from './cluster/partition-finder.js'
import { type Authorization, authorizationOf } from './config/authorization.js'
import { bootstrapAdminOf } from './config/bootstrap-admin.js'
import type { BrokerConfig } from './config/broker-config.js'
import { httpListenerOf } from './config/http-listener.js'
import type { ListenerConfig, SecurityProtocol } from './config/listeners/listener.js'
import { listenersOf } from './config/listeners/listeners.js'
import { Coordinator } from './coordinator/groups/coordinator.js'
import { offsetsTopic } from './coordinator/groups/offsets-topic.js'
import { FlightRecorder } from './coordinator/timeline/flight-recorder.js'
import { ProducerIds } from './coordinator/transactions/producer-ids.js'
import { TransactionCoordinator, transactionsTopic } from './coordinator/transactions/transaction-coordinator.js'
import { TransactionDesk } from './coordinator/transactions/transaction-desk.js'
import { TransactionGate } from './coordinator/transactions/transaction-gate.js'
import { DescriptorWatch } from './descriptor-watch.js'
import { FetchSessions, type SessionLimits } from './fetch/fetch-sessions.js'
import { RebalanceHints } from './fetch/rebalance-hints.js'
import { allHandlers } from './handlers/all-handlers.js'
import type { BrokerServices } from './handlers/handler.js'
import { HttpFront } from './http/http-front.js'
import { highestProducerId } from './log/highest-producer-id.js'
import type { LogStoreOptions } from './log/log-store.js'
import type { BrokerListener } from './net/broker-listener.js'
import { FailedLogins } from './net/failed-logins.js'
import { Refusals } from './net/refusals.js'
import { Router } from './net/router.js'
import { Server } from './net/server.js'
import { Audit, brokerItself } from './security/audit/audit.js'
import { openAuditOutput } from './security/audit/audit-output.js'
import type { QuotaWindows } from './security/quotas/quota-window.js'
import { Security } from './security/security.js'
import { makeBootstrapAdmin } from './security/users/bootstrap-admin.js'
import type { OwnStorage } from './storage/own-storage.js'
import { Traffic } from './traffic.js'

export interface BrokerOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  /** Belongs to the broker from here on: it closes it. */
  readonly storage: OwnStorage
  readonly log: Logger
  /** Without it nothing is served over HTTP. */
  readonly listenHttp?: ListenHttp
  /** Takes the lines of the audit log where they go to stderr; without it there are none there. */
  readonly auditToStderr?: (line: string) => void
}

/** Where clients connect, and how. */
export interface OpenListener {
  readonly name: string
  readonly protocol: SecurityProtocol
  /** The host as it was set, the port as it is. */
  readonly address: Address
}

/** What there is before storage is open. */
interface Foreground {
  readonly http: HttpFront
  readonly listeners: readonly ListenerConfig[]
  readonly authorization: Authorization
  readonly traffic: Traffic
  readonly refusals: Refusals
  readonly audit: Audit
}

/** A whole broker: storage, logs, catalog, coordinator, and the server in front of them. */
export class Broker {
  readonly #services: BrokerServices
  readonly #server: Server
  readonly #http: HttpFront
  readonly #led: LedPartitions
  readonly #chores = new Map<string, Timer>()
  #isClosed = false

  private constructor(services: BrokerServices, server: Server, http: HttpFront) {
    this.#services = services
    this.#server = server
    this.#http = http
    const { catalog, logs, coordinator, transactions, log } = services
    const listeners = new Map<string, LeaderListener>([
      [offsetsTopic, coordinator],
      [transactionsTopic, transactions],
    ])
    this.#led = new LedPartitions({ catalog, logs, listeners, log })
  }

  /** Opens what is stored, then listens: when it resolves, requests are answered. */
  static async start(options: BrokerOptions): Promise<Broker> {
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
      return await Broker.#startBehind({ http, listeners, authorization, traffic, refusals, audit }, options)
    } catch (error) {
      await http.close()
      refusals.close()
      await audit.close()
      throw error
    }
  }

  static async #startBehind(
    { http, listeners, authorization, traffic, refusals, audit }: Foreground,
    options: BrokerOptions,
  ): Promise<Broker> {
    const { config, runtime, storage } = options
    storage.onNotice(({ level, text, facts }) => options.log[level](facts, text))
    const cluster = await AloneCluster.open({ storage, runtime, config })
    const { catalog } = cluster
    const security = await openSecurity(options, authorization, audit)
    const logs = await cluster.openLogs(logOptions(options))
    const producerIds = await ProducerIds.open({
      storage,
      highestStored: () => highestProducerId(logs, catalog.topics()),
      warn: (text) => options.log.warn(text),
    })
    const router = new Router(allHandlers, config.max_request_elements)
    const flightRecorder = new FlightRecorder({ config, runtime, catalog, logs, log: options.log })
    const rebalanceHints = new RebalanceHints(runtime.clock)
    const coordinator = new Coordinator({
      config,
      runtime,
      catalog,
      logs,
      log: options.log,
      observers: [rebalanceHints, flightRecorder],
    })
    const transactions = new TransactionCoordinator({
      config,
      runtime,
      catalog,
      logs,
      coordinator,
      producerIds,
      log: options.log,
    })
    const transactionDesk = new TransactionDesk(transactions, runtime.clock)
    const verifies = config.transaction_partition_verification_enable
    const services: BrokerServices = {
      config,
      runtime,
      cluster,
      catalog,
      logs,
      partitions: new PartitionFinder(cluster, logs),
      coordinator,
      transactions,
      transactionDesk,
      transactionGate: new TransactionGate({ desk: transactionDesk, verifies }),
      flightRecorder,
      fetchSessions: new FetchSessions(sessionLimits(config), runtime.clock, runtime.random),
      rebalanceHints,
      producerIds,
      security,
      audit,
      traffic,
      refusals,
      failedLogins: new FailedLogins(runtime.clock, refusals),
      log: options.log,
      advertisedApis: router.advertised,
    }
    await http.show(services)
    const broker = new Broker(services, new Server({ listeners, router, services }), http)
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
    const { coordinator, transactions, flightRecorder, catalog, logs } = this.#services
    this.#isClosed = true
    this.#http.health.ending()
    this.#led.stop()
    for (const timer of this.#chores.values()) timer.cancel()
    // At once, too: whoever waits for a rebalance would hold the server, and sessions would end that nobody can renew.
    await Promise.all([this.#server.close(), transactions.close(), coordinator.close()])
    await flightRecorder.close()
    await catalog.settled()
    await this.#services.security.settled()
    await this.#services.audit.close()
    await logs.close()
    await this.#http.close()
  }

  /** For tests: ends as a killed process would, with nothing written that a clean end writes. */
  async kill(): Promise<void> {
    const { coordinator, transactions, flightRecorder, catalog } = this.#services
    this.#isClosed = true
    this.#led.stop()
    for (const timer of this.#chores.values()) timer.cancel()
    flightRecorder.abandon()
    await this.#http.close()
    await this.#server.destroy()
    await transactions.close()
    await coordinator.close()
    await catalog.settled()
    await this.#services.security.settled()
  }

  async #open(): Promise<void> {
    const { coordinator, transactions, flightRecorder, logs, config } = this.#services
    try {
      await flightRecorder.start()
      coordinator.start()
      transactions.start()
      await this.#led.start()
      await this.#server.start()
      this.#http.opened(this.#services.log)
    } catch (error) {
      await this.close()
      throw error
    }
    const { log_initial_task_delay_ms: firstMs, log_retention_check_interval_ms: retentionMs } = config
    this.#repeat('log retention', { firstMs, everyMs: retentionMs }, () => logs.retain())
    const cleanerMs = config.log_cleaner_backoff_ms
    this.#watchDescriptors()
    this.#repeat('log compaction', { firstMs: cleanerMs, everyMs: cleanerMs }, () => logs.clean())
  }

  /** The operating system lets nobody know that it has closed a connection for want of a descriptor. */
  #watchDescriptors(): void {
    const { runtime, log } = this.#services
    if (!runtime.descriptors) return
    const watch = new DescriptorWatch(runtime.descriptors, log)
    this.#repeat('the look at file descriptors', { firstMs: DESCRIPTORS_MS, everyMs: DESCRIPTORS_MS }, () =>
      watch.look(),
    )
  }

  /** Again and again, each time so long after the time before has ended. */
  #repeat(what: string, { firstMs, everyMs }: { firstMs: number; everyMs: number }, work: () => Promise<void>): void {
    const { runtime, log } = this.#services
    const timer = runtime.clock.setTimer(firstMs, async () => {
      await work().catch((error) => log.error({ error }, `${what} failed`))
      if (!this.#isClosed) this.#repeat(what, { firstMs: everyMs, everyMs }, work)
    })
    this.#chores.set(what, timer)
  }
}

/** How often it is looked for file descriptors. */
const DESCRIPTORS_MS = 10_000

const faultTexts = {
  append: 'a partition takes no records',
  upkeep: 'retention or compaction failed; it is tried again',
}

function faultText(during: keyof typeof faultTexts, error: Error): string {
  return `${faultTexts[during]}: ${descriptorSentence(error) ?? 'the disk failed'}`
}

async function openAudit(options: BrokerOptions, authorization: Authorization): Promise<Audit> {
  const { config, runtime, log, auditToStderr: stderr } = options
  const { clock, disk } = runtime
  const { authorizes } = authorization
  const output = await openAuditOutput({ asked: config.audit_log, authorizes, stderr, clock, disk, log })
  return new Audit({ clock, output, tellsLogins: config.log_level === 'debug' })
}

async function openSecurity(options: BrokerOptions, authorization: Authorization, audit: Audit): Promise<Security> {
  const { storage, runtime, config, log } = options
  const security = await Security.open({
    storage,
    runtime,
    quotaWindows: quotaWindowsOf(config),
    warn: (text) => log.warn(text),
    ...authorization,
  })
  const admin = bootstrapAdminOf(config)
  const isNew = admin !== undefined && (await makeBootstrapAdmin(security.users, admin, { runtime, log }))
  if (isNew) audit.changed(brokerItself, { operation: 'CREATE', type: 'USER', name: admin.name, error: 'NONE' })
  return security
}

function quotaWindowsOf(config: BrokerConfig): QuotaWindows {
  const windowOf = (samples: number, seconds: number) => ({ samples, sampleMs: seconds * 1000 })
  return {
    rates: windowOf(config.quota_window_num, config.quota_window_size_seconds),
    mutations: windowOf(config.controller_quota_window_num, config.controller_quota_window_size_seconds),
  }
}

function logOptions({ runtime, config, log }: BrokerOptions): Omit<LogStoreOptions, 'storage'> {
  return {
    clock: runtime.clock,
    producerIdExpirationMs: config.producer_id_expiration_ms,
    maxProducers: config.max_producers_per_partition,
    onFault: (partition, error, during) => log.error({ partition, error }, faultText(during, error)),
    onRecovered: (count) => log.warn({ partitions: count }, 'partitions take records again: what they lacked is there'),
  }
}

function sessionLimits(config: BrokerConfig): SessionLimits {
  return {
    slots: config.max_incremental_fetch_session_cache_slots,
    partitions: config.max_fetch_session_partitions,
  }
}
