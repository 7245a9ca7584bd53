import { Broker, type BrokerConfig, brokerConfig, fileStorage, silentLog } from '@rivven/broker'
import type { Plan, SecurityPlan } from '../plan/plan.js'
import type { Life } from '../world/life.js'
import type { World } from '../world/world.js'

/** How a broker ends: as asked, killed, or with its machine's power. */
export type BrokerEnd = 'stop' | 'kill' | 'power cut'

export const brokerHost = 'broker'
/** Who comes here is not asked for a name, and may do everything. */
export const bootstrapServers = `${brokerHost}:9092`
/** Where users log in, in a plan with security. */
export const loginServers = `${brokerHost}:9093`

type BrokerPlan = Pick<Plan, 'brokerConfig' | 'security'>

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

function listenersOf(security: SecurityPlan | undefined): Record<string, unknown> {
  if (security === undefined) return { listen: bootstrapServers }
  return {
    listeners: `OPEN://${bootstrapServers},LOGIN://${loginServers}`,
    listener_security_protocol_map: 'OPEN:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
    allow_cleartext_credentials: true,
    sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    connections_max_reauth_ms: security.sessionMs,
    super_users: 'User:ANONYMOUS',
  }
}

/** The broker's machine: one life at a time, on the files engine. */
export class BrokerMachine {
  readonly #world: World
  readonly #config: BrokerConfig
  readonly #told: (text: string) => void
  #life: Life | undefined
  #broker: Broker | undefined
  #isStarting = false
  #isEnding = false
  /** Lives so far. */
  starts = 0

  /** `told` hears what it says of damage. */
  constructor(world: World, { brokerConfig: config, security }: BrokerPlan, told: (text: string) => void) {
    this.#world = world
    this.#told = told
    this.#config = brokerConfig([
      { from: 'simulation', values: { ...settings, ...listenersOf(security) } },
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
    const { life, runtime } = this.#world.begin(brokerHost)
    this.#life = life
    this.#isStarting = true
    const storage = await fileStorage('/data', runtime)
    const { onNotice } = storage
    storage.onNotice = (listener) =>
      onNotice.call(storage, (notice) => {
        if (!life.isDead) this.#told(notice.text)
        listener(notice)
      })
    const broker = await Broker.start({ config: this.#config, runtime, storage, log: silentLog() })
    if (this.#life !== life || life.isDead) return
    this.#isStarting = false
    this.#broker = broker
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
    if (how === 'power cut') this.#world.machine(brokerHost).platter.cutPower(this.#world.random.fork())
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
