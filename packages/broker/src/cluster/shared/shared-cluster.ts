import type { Runtime } from '@rivven/runtime'
import { VERSION } from '@rivven/runtime'
import type { Logger } from 'pino'
import { internalTopics } from '../../catalog/topic-name.js'
import { Chores } from '../../chores.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import type { Database } from '../../database/database.js'
import { isPassing } from '../../database/database-error.js'
import type { OldestChunks } from '../../database/log-tables.js'
import { LogStore, type LogStoreOptions } from '../../log/log-store.js'
import { SharedStorage, type SharedStorageOptions } from '../../storage/shared/shared-storage.js'
import type { StorageFigures } from '../../storage/shared/storage-figures.js'
import type { AskedLeader, Cluster, OwnBroker } from '../cluster.js'
import { ClusterCounts } from '../cluster-counts.js'
import type { ClusterImage } from '../image.js'
import type { Move } from '../placement/plan-moves.js'
import { noteAskedLeaders } from './asked/asked-leaders.js'
import { noteDrained } from './asked/drained-brokers.js'
import { CALL_MS, type ClusterTimes } from './cluster-times.js'
import { ImageFollower } from './image/image-follower.js'
import { placesIn } from './image/places.js'
import { insist, within } from './insist.js'
import { Leadership } from './leading/leadership.js'
import { Rebalancer } from './leading/rebalancer.js'
import { DeathWatch } from './members/death-watch.js'
import { Drain } from './members/drain.js'
import { Lives } from './members/lives.js'
import { type LossReason, Membership } from './members/membership.js'
import { SignOfLife } from './members/sign-of-life.js'
import { SharedCatalog } from './shared-catalog.js'
import { SharedDocuments } from './shared-documents.js'

export interface SharedClusterOptions {
  readonly database: Database
  readonly runtime: Runtime
  readonly config: BrokerConfig
  readonly log: Logger
  /** Undefined: whichever is free. */
  readonly nodeId: number | undefined
  readonly rack: string | null
  readonly times: ClusterTimes
  /** Kafka's auto.leader.rebalance.enable. */
  readonly balances: boolean
  /** How many partitions move at once for the sake of balance. */
  readonly movesAtOnce: number
  /** Defaults: as SharedStorage has them. */
  readonly storage?: Pick<SharedStorageOptions, 'lanes' | 'queueMaxBytes'>
}

/** A cluster of several brokers that share a database. */
export class SharedCluster implements Cluster {
  readonly counts = new ClusterCounts()
  readonly catalog: SharedCatalog
  readonly documents: SharedDocuments
  readonly #options: SharedClusterOptions
  readonly #follower: ImageFollower
  readonly #membership: Membership
  readonly #signOfLife: SignOfLife
  readonly #deathWatch: DeathWatch
  readonly #lives: Lives
  readonly #drain: Drain
  readonly #listeners = new Set<(now: ClusterImage, before: ClusterImage) => void>()
  /** From `start` on. */
  #work: { readonly leadership: Leadership; readonly rebalancer: Rebalancer } | undefined
  #storage: SharedStorage | undefined
  readonly #chores: Chores

  private constructor(options: SharedClusterOptions) {
    const { database, runtime, config, times, log } = options
    const { clock, network } = runtime
    const { members, metadata } = database
    this.#options = options
    this.#chores = new Chores(clock, log)
    const onRestored = () => this.#membership.lose('database')
    const follower = new ImageFollower({ metadata, clock, onRestored })
    const settled = async (topic: string) => this.#work?.leadership.settled(topic)
    this.catalog = new SharedCatalog({ metadata, follower, runtime, config, settled })
    this.documents = new SharedDocuments({ metadata, follower, clock })
    const membership = new Membership({
      members,
      clock,
      times,
      renewed: ({ late, version }) => {
        follower.heard(version)
        this.#deathWatch.late(late)
      },
      lost: (why) => this.#lost(why),
    })
    this.#signOfLife = new SignOfLife({
      database,
      clock,
      times,
      heard: (version) => follower.heard(version),
      ended: (broker) => void this.#deathWatch.ended(broker),
      missed: (broker) => void this.#deathWatch.missed(broker),
    })
    const { counts } = this
    this.#deathWatch = new DeathWatch({ counts, members, follower, membership, clock, network, times, log })
    this.#drain = new Drain({ members, membership, follower, clock })
    this.#lives = new Lives({
      membership,
      follower,
      signOfLife: this.#signOfLife,
      clock,
      times,
      log,
      loseAll: async () => {
        this.#storage?.forgetIds()
        this.#storage?.giveUp()
        await this.#work?.leadership.loseAll()
      },
      isDrained: (brokerId) => this.#drain.isWanted(brokerId),
      begun: () => this.#changed(follower.image, follower.image),
    })
    this.#follower = follower
    this.#membership = membership
    follower.onChange((now, before) => this.#changed(now, before))
  }

  /** Reads what there is; nothing is led here before `start`. Rejects where the database does not answer in time. */
  static async open(options: SharedClusterOptions): Promise<SharedCluster> {
    const cluster = new SharedCluster(options)
    await insist(options.runtime.clock, options.times.connectMs, () => cluster.#follower.start())
    return cluster
  }

  /** The logs of what is led here; they follow the catalog, and what is led here opens and closes them. */
  openLogs(options: Omit<LogStoreOptions, 'storage'>): LogStore {
    const { database, runtime, log } = this.#options
    const isInternal = (topic: string) => internalTopics.has(topic)
    const places = placesIn(this.#follower)
    const { clock } = runtime
    const storage = new SharedStorage({ database, clock, places, isInternal, ...this.#options.storage })
    const logs = new LogStore({ ...options, storage })
    this.#storage = storage
    this.#keepTidy(logs, storage)
    this.catalog.onChange(({ kind, topic }) => {
      if (kind === 'configured') logs.configure(topic.name, topic.logConfig)
      if (kind !== 'deleted') return
      logs.delete(topic.name).catch((error) => log.error({ error, topic: topic.name }, 'its logs are not closed'))
    })
    return logs
  }

  /** What whoever opens a log next has to read stays little; what is gone is removed, by one of the brokers. */
  #keepTidy(logs: LogStore, storage: SharedStorage): void {
    const every = (everyMs: number) => ({ firstMs: everyMs, everyMs })
    this.#chores.repeat('checkpoints', every(CHECKPOINT_MS), () => logs.checkpoint())
    this.#chores.repeat('the sweep of the database', every(SWEEP_MS), async () => {
      const [first] = this.image.brokers.keys()
      storage.figures.oldestChunks = this.isServing && first === this.brokerId ? await this.#sweep() : new Map()
    })
  }

  async #sweep(): Promise<OldestChunks> {
    try {
      return await this.#options.database.logs.sweep()
    } catch (error) {
      mustPass(error)
      return new Map()
    }
  }

  /** -1 where it was not given, until `start`. */
  get brokerId(): number {
    return this.#membership.me?.brokerId ?? this.#options.nodeId ?? -1
  }

  get controllerEpoch(): number {
    return this.#membership.me?.incarnation ?? 0
  }

  get image(): ClusterImage {
    return this.#follower.image
  }

  get moves(): readonly Move[] {
    return this.#work?.rebalancer.plan ?? []
  }

  get storageFigures(): StorageFigures | undefined {
    return this.#storage?.figures
  }

  get isServing(): boolean {
    return this.#membership.isServing
  }

  get leaseAgeMs(): number | null {
    return this.#membership.leaseAgeMs
  }

  onChange(listener: (now: ClusterImage, before: ClusterImage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** None was given before: the database counts them, and forgets nothing. */
  reserveProducerIds(count: number): Promise<number> {
    return insist(this.#options.runtime.clock, CALL_MS, () =>
      this.#options.database.metadata.takeIds('producer', count),
    )
  }

  /** Clients come in first: the others are told the ports as they are, and nothing is led before they are. */
  async start({ led, listen }: OwnBroker): Promise<void> {
    const { database, runtime, times, balances, movesAtOnce, nodeId, rack, log } = this.#options
    const { clock } = runtime
    const [membership, follower, { catalog, counts }] = [this.#membership, this.#follower, this]
    const { members } = database
    const leadership = new Leadership({ members, membership, follower, catalog, counts, led, clock, log })
    const rebalancer = new Rebalancer({
      counts,
      follower,
      membership,
      leadership,
      clock,
      log,
      times,
      balances,
      movesAtOnce,
    })
    this.#work = { leadership, rebalancer }
    this.#signOfLife.start()
    const addresses = await listen()
    await this.#lives.start({ brokerId: nodeId, addresses, rack, software: VERSION })
    await leadership.settled()
  }

  askLeaders(wanted: readonly AskedLeader[]): Promise<ReadonlySet<AskedLeader>> {
    return noteAskedLeaders(this.documents, () => this.image, wanted)
  }

  /** The word stands for all later processes of the broker, too. */
  async drain(brokerId: number, isDraining: boolean): Promise<void> {
    if (isDraining) this.#drain.mustBeHere(brokerId)
    await noteDrained(this.documents, brokerId, isDraining)
    await this.#drain.set(brokerId, isDraining, CALL_MS)
  }

  async leave(): Promise<void> {
    const { clock } = this.#options.runtime
    this.#lives.stop()
    this.#drain.stop()
    const { leaveMs } = this.#options.times
    const end = clock.monotonic() + leaveMs
    await within(clock, leaveMs, this.#handOverAll(end)).catch(() => undefined)
    this.#work?.rebalancer.stop()
    await this.#endLeading()
    await this.#retire()
    await this.#stop()
  }

  async abandon(): Promise<void> {
    this.#lives.stop()
    this.#drain.stop()
    this.#work?.rebalancer.stop()
    await this.#stop()
    await this.#endLeading()
  }

  async #endLeading(): Promise<void> {
    this.#storage?.giveUp()
    await this.#work?.leadership.end()
  }

  /** Nothing more is done, or heard of. */
  async #stop(): Promise<void> {
    this.#chores.stop()
    this.#deathWatch.stop()
    this.#membership.stop()
    this.#follower.stop()
    await this.#signOfLife.stop()
  }

  async #handOverAll(end: number): Promise<void> {
    const { clock } = this.#options.runtime
    try {
      await this.#drain.set(this.brokerId, true, LEAVE_CALL_MS)
      await this.#work?.rebalancer.drain(() => clock.monotonic() >= end || !this.isServing)
    } catch (error) {
      // The database is away, or this broker is not in the cluster: its lease ends in any case.
      this.#options.log.warn({ error }, 'left without handing over')
    }
  }

  async #retire(): Promise<void> {
    const { me } = this.#membership
    if (!me) return
    const { database, runtime } = this.#options
    try {
      // Once: where the database is away the lease ends in any case.
      await within(runtime.clock, LEAVE_CALL_MS, database.members.retire(me))
    } catch (error) {
      mustPass(error)
    }
  }

  #changed(now: ClusterImage, before: ClusterImage): void {
    if (this.#membership.me) this.#work?.leadership.changed(now)
    this.#signOfLife.changed(now)
    this.#deathWatch.changed()
    this.#drain.changed()
    this.#work?.rebalancer.changed(now, before)
    for (const listener of [...this.#listeners]) listener(now, before)
  }

  #lost(why: LossReason): void {
    this.counts.leasesLost++
    this.#deathWatch.stop()
    this.#lives.lost(why).catch((error) => this.#options.log.error({ error }, 'the cluster cannot be joined again'))
  }
}

function mustPass(error: unknown): void {
  if (!isPassing(error)) throw error
}

const CHECKPOINT_MS = 5_000
const SWEEP_MS = 10_000
/** Where the database is away nobody waits longer for it. */
const LEAVE_CALL_MS = 2_000
