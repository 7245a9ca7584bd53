import { Broker, type BrokerConfig, brokerConfig, fileStorage, type OwnStorage, silentLog } from '@rivven/broker'
import type { Runtime } from '@rivven/runtime'
import { brokerHost, loginServers, openAddress } from '../plan/brokers.js'
import type { Plan, SecurityPlan } from '../plan/plan.js'
import type { Life } from '../world/life.js'
import type { SimDatabase } from '../world/sim-database.js'
import type { World } from '../world/world.js'

/** How a broker ends: as asked, killed, or with its machine's power. */
export type BrokerEnd = 'stop' | 'kill' | 'power cut'

type BrokerPlan = Pick<Plan, 'brokerConfig' | 'security'>

export interface BrokerMachineOptions {
  readonly plan: BrokerPlan
  /** Hears what it says of damage. */
  readonly told: (text: string) => void
  /** One of several brokers on a database; absent: the only one, on files. */
  readonly member?: ClusterMember
}

export interface ClusterMember {
  readonly nodeId: number
  readonly host: string
  readonly database: SimDatabase
}

/** Small, so that a seed is quick, and impatient, so that it holds many lives. */
const settings = {
  allow_anonymous: true,
  data_dir: '/data',
  offsets_topic_num_partitions: 2,
  num_partitions: 3,
  group_min_session_timeout_ms: 100,
  group_initial_rebalance_delay_ms: 20,
  log_segment_bytes: 1_048_576,
}

/** Moves for the sake of balance come soon: a run lasts a minute at most. */
const settingsOfClusters = { leader_move_delay_ms: 1_000, offsets_topic_num_partitions: 4 }

function listenersOf(host: string, security: SecurityPlan | undefined): Record<string, unknown> {
  if (security === undefined) return { listen: openAddress(host) }
  return {
    listeners: `OPEN://${openAddress(host)},LOGIN://${loginServers}`,
    listener_security_protocol_map: 'OPEN:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
    allow_cleartext_credentials: true,
    sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    connections_max_reauth_ms: security.sessionMs,
    super_users: 'User:ANONYMOUS',
  }
}

/** A broker's machine: one life at a time, on the files engine or on the database that several share. */
export class BrokerMachine {
  readonly #world: World
  readonly #config: BrokerConfig
  readonly #told: (text: string) => void
  readonly #member: ClusterMember | undefined
  /** Its name. */
  readonly host: string
  #life: Life | undefined
  #broker: Broker | undefined
  #isStarting = false
  #isEnding = false
  /** Lives so far. */
  starts = 0

  constructor(world: World, { plan: { brokerConfig: config, security }, told, member }: BrokerMachineOptions) {
    this.#world = world
    this.#told = told
    this.#member = member
    this.host = member?.host ?? brokerHost
    const ofCluster = member ? { ...settingsOfClusters, node_id: member.nodeId } : {}
    this.#config = brokerConfig([
      { from: 'simulation', values: { ...settings, ...listenersOf(this.host, security), ...ofCluster } },
      { from: 'scenario', values: config },
    ])
  }

  get isUp(): boolean {
    return this.#broker !== undefined && this.#life?.isDead === false
  }

  get isStarting(): boolean {
    return this.#isStarting
  }

  /** It has been asked to end, and still has its files. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  get life(): Life | undefined {
    return this.#life
  }

  /** Resolves when it answers; it never does when the machine fails before. */
  async start(): Promise<void> {
    this.starts++
    const { life, runtime } = this.#world.begin(this.host)
    this.#life = life
    this.#isStarting = true
    const common = { config: this.#config, runtime, log: silentLog() }
    const broker = this.#member
      ? await Broker.start({ ...common, database: this.#member.database.connect(life) })
      : await Broker.start({ ...common, storage: await this.#storageOf(life, runtime) })
    if (this.#life !== life || life.isDead) return
    this.#isStarting = false
    this.#broker = broker
  }

  /** Says which brokers shall lead nothing, and which may again; only where there are several. Rejects where it is not up. */
  async drain(nodeId: number, isDraining: boolean): Promise<void> {
    if (!this.#broker) throw new Error(`${this.host} is not up.`)
    await this.#broker.cluster.drain(nodeId, isDraining)
  }

  async end(how: BrokerEnd): Promise<void> {
    const [broker, life] = [this.#broker, this.#life]
    this.#broker = undefined
    this.#isStarting = false
    if (how === 'stop' && broker) {
      this.#isEnding = true
      await this.#close(broker, life)
    }
    life?.die()
    this.#isEnding = false
    if (how === 'power cut') this.#world.machine(this.host).platter.cutPower(this.#world.random.fork())
  }

  async #storageOf(life: Life, runtime: Runtime): Promise<OwnStorage> {
    const storage = await fileStorage('/data', runtime)
    const { onNotice } = storage
    storage.onNotice = (listener) =>
      onNotice.call(storage, (notice) => {
        if (!life.isDead) this.#told(notice.text)
        listener(notice)
      })
    return storage
  }

  /** Its process ends in any case, as rivvend's does; one that is killed meanwhile is not heard. */
  async #close(broker: Broker, life: Life | undefined): Promise<void> {
    try {
      await broker.close()
    } catch (error) {
      if (!life?.isDead) throw error
    } finally {
      this.#isEnding = false
      life?.die()
    }
  }
}
