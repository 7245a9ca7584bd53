import {
  Admin,
  Consumer,
  type ConsumerOptions,
  type ConsumerRecord,
  nameToPath,
  Producer,
  type ProducerOptions,
} from '@rivven/client'
import type { Runtime } from '@rivven/runtime'
import { BrokerMachine } from '../../src/actors/broker-machine.js'
import { catchingStrayErrors } from '../../src/run/stray-errors.js'
import type { Life } from '../../src/world/life.js'
import { World } from '../../src/world/world.js'

const bootstrapServers = 'broker:9092'
const day = 86_400_000

/** A process of a client, which a test may let stand still or kill. */
interface Process {
  readonly life: Life
  readonly runtime: Runtime
}

/** What the doctor says, as far as scenarios look at it. */
export interface Finding {
  readonly check: string
  readonly severity: 'critical' | 'warning' | 'info'
  readonly subject: {
    readonly group?: string
    readonly member?: string
    readonly topic?: string
    readonly partition?: number
  }
  readonly title: string
  readonly evidence: readonly { readonly text: string; readonly value: number | string }[]
  readonly config: readonly { readonly key: string; readonly suggested: number | string | boolean }[]
}

export interface LagRow {
  readonly topic: string
  readonly partition: number
  readonly lag: number
  readonly lagSeconds: number
  readonly heldBackSeconds: number | null
  readonly status: string | null
}

export interface MemberOptions extends Partial<ConsumerOptions> {
  /** What it does with what it gets. Default: nothing. */
  readonly handle?: (records: readonly ConsumerRecord[], consumer: Consumer) => Promise<void>
  /** For how long it neither polls nor fetches, in between: who waits for records looks around every second, which costs a long scene much. Default 0. */
  readonly restMs?: number
}

async function nothing(): Promise<void> {
  // All is handled at once.
}

/** One broker and its clients, on a clock that goes as fast as nothing happens: an hour of waiting costs nothing. */
export class Scene {
  readonly #world = new World(1)
  readonly #broker: BrokerMachine
  readonly admin: Admin

  private constructor(config: Record<string, unknown>) {
    const plan = { brokerConfig: config as never, security: undefined }
    this.#broker = new BrokerMachine(this.#world, { plan, told: () => undefined })
    this.admin = new Admin({ bootstrapServers, runtime: this.process('operator').runtime })
  }

  /** Plays it to its end; rejects with what it throws, and with errors that nobody has caught. */
  static async play(config: Record<string, unknown>, act: (scene: Scene) => Promise<void>): Promise<void> {
    const scene = new Scene(config)
    const { schedule } = scene.#world
    const errors: unknown[] = []
    let isOver = false
    schedule.onError = (error) => errors.push(error)
    await catchingStrayErrors(schedule.onError, async () => {
      const acting = scene.#broker
        .start()
        .then(() => act(scene))
        .catch((error) => errors.push(error))
        .finally(() => {
          isOver = true
        })
      while (!isOver) await schedule.run(schedule.now + day, () => isOver || errors.length > 0)
      if (errors.length === 0) await acting
    })
    if (errors.length > 0) throw errors[0]
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#world.schedule.now
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#world.schedule.after(ms, 'the scene goes on', resolve))
  }

  process(name: string): Process {
    return this.#world.begin(name)
  }

  async topic(name: string, partitions: number, configs: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.admin.createTopics([{ name, partitions, configs }])
  }

  producer(options: Partial<ProducerOptions> = {}): Producer {
    return new Producer({ bootstrapServers, runtime: this.process('producer').runtime, ...options })
  }

  /** A member of group `g` that reads `orders`; by itself it commits every five seconds. */
  member(name: string, { handle = nothing, restMs = 0, ...options }: MemberOptions = {}): Process {
    const process = this.process(name)
    const base = { bootstrapServers, groupId: 'g', clientId: name, autoOffsetReset: 'earliest' as const }
    const consumer = new Consumer({ ...base, runtime: process.runtime, ...options })
    const read = async () => {
      await consumer.subscribe(['orders'])
      for (;;) {
        const records = await consumer.poll(1_000)
        if (records.length > 0) await handle(records, consumer)
        if (restMs > 0) await this.#rest(consumer, restMs)
      }
    }
    void read()
    return process
  }

  async #rest(consumer: Consumer, restMs: number): Promise<void> {
    consumer.pause(consumer.assignment())
    await this.wait(restMs)
    consumer.resume(consumer.assignment())
  }

  /** What is found in the group, and in the cluster. */
  async findings(groupId = 'g'): Promise<Finding[]> {
    const paths = [`/api/groups/${nameToPath(groupId)}/doctor`, '/api/doctor?limit=0']
    const ask = (path: string) => this.admin.call('GET', path) as Promise<{ findings: Finding[] }>
    const found = await Promise.all(paths.map(ask))
    return found.flatMap(({ findings }) => findings)
  }

  async lag(groupId = 'g'): Promise<LagRow[]> {
    const { items } = (await this.admin.call('GET', `/api/groups/${nameToPath(groupId)}/lag`)) as { items: LagRow[] }
    return items
  }
}

/** `critical stuck-partition`, for what is a warning or worse. */
export function grave(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ severity, check }) => severity !== 'info' && check !== ofTheStage)
    .map(({ severity, check }) => `${severity} ${check}`)
    .sort()
}

/** Nobody logs in on this stage. */
const ofTheStage = 'open-to-network'
