import { type Broker, type BrokerConfig, type ClusterImage, memoryDatabase, type PartitionLeader } from '@rivven/broker'
import { authority, type Certificates } from '../certificates/authority.js'
import { runtime } from '../guest.js'
import { invalidArgument, notStarted, RivvenTestingError } from '../rivven-testing-error.js'
import { establish } from '../security/broker-security.js'
import {
  type ClientOptions,
  type ClientWay,
  clientOptions,
  type TokenClientOptions,
  type TokenWay,
} from '../security/client-options.js'
import type { SecurityPlan } from '../security/security-options.js'
import { ClusterNode } from './cluster-node.js'
import { ClusterSecurity } from './cluster-security.js'
import type { RivvenCluster } from './start-rivven-cluster.js'

/** So long a broker may take to hand over what it leads: each partition waits for groups that are just rebalancing. */
const DRAIN_MS = 30_000

/** Brokers on one database in memory. */
export class TestCluster implements RivvenCluster {
  readonly brokers: readonly ClusterNode[]
  readonly security = new ClusterSecurity(() => this.#securityNow())
  readonly #config: BrokerConfig
  readonly #passwords: ReadonlyMap<string, string>
  #closing: Promise<void> | undefined

  private constructor(brokers: readonly ClusterNode[], config: BrokerConfig, passwords: ReadonlyMap<string, string>) {
    this.brokers = brokers
    this.#config = config
    this.#passwords = passwords
  }

  /** Throws a RivvenTestingError where one of them does not start. */
  static async start(configs: readonly BrokerConfig[], plan?: SecurityPlan): Promise<TestCluster> {
    const database = memoryDatabase(runtime)
    const started = await Promise.allSettled(configs.map((config) => ClusterNode.start(database, config)))
    const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = started.find((one) => one.status === 'rejected')
    try {
      if (failed) throw failed.reason
      const cluster = new TestCluster(nodes, configs[0] as BrokerConfig, plan?.users ?? new Map())
      if (plan) await establish(plan, (nodes[0] as ClusterNode).broker, runtime)
      await cluster.security.known()
      return cluster
    } catch (error) {
      await Promise.all(nodes.map((node) => node.end('kill')))
      throw notStarted(error)
    }
  }

  get bootstrapServers(): string {
    return this.brokers.map(({ bootstrapServers }) => bootstrapServers).join(',')
  }

  get certificates(): Certificates {
    return authority()
  }

  clientOptions(user: string, way: TokenWay): TokenClientOptions
  clientOptions(user?: string, way?: ClientWay): ClientOptions
  clientOptions(user?: string, way?: ClientWay | TokenWay): ClientOptions | TokenClientOptions {
    const places = {
      config: this.#config,
      passwords: this.#passwords,
      tokenFor: (name: string) => this.security.tokenFor(name),
    }
    const each = this.brokers.map(({ broker }) => clientOptions({ ...places, listeners: broker.listeners }, user, way))
    const bootstrapServers = each.map((one) => one.bootstrapServers).join(',')
    return { ...(each[0] as ClientOptions), bootstrapServers }
  }

  leaderOf(topic: string, partition: number): number | null {
    // Whoever knows of the newest leadership: others learn of it a moment later.
    let newest: PartitionLeader | undefined
    for (const { broker } of this.#running()) {
      const known = broker.cluster.image.topics.get(topic)?.partitions[partition]
      if (known && known.epoch >= (newest?.epoch ?? 0)) newest = known
    }
    return newest?.leader ?? null
  }

  async kill(id: number): Promise<void> {
    await this.#node(id).end('kill')
  }

  async restart(id: number): Promise<void> {
    await this.#node(id).restart()
  }

  async drain(id: number): Promise<void> {
    const node = this.#node(id)
    const others = this.#running().filter((other) => other !== node)
    const mayTake = ({ id: other }: ClusterNode) => node.broker.cluster.image.brokers.get(other)?.isDraining === false
    if (!node.isRunning) throw invalidState(`Broker ${id} does not run.`, `Start it with restart(${id}).`)
    if (!others.some(mayTake)) throw invalidState(`Nobody is there to take what broker ${id} leads.`)
    await node.broker.cluster.drain(id, true)
    await this.#untilItLeadsNothing(node)
  }

  async undrain(id: number): Promise<void> {
    const node = this.#node(id)
    if (!node.isRunning) throw invalidState(`Broker ${id} does not run.`, `Start it with restart(${id}).`)
    await node.broker.cluster.drain(id, false)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#end()
    await this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #node(id: number): ClusterNode {
    if (this.#closing) throw invalidState('This cluster was closed.', 'Start another: startRivvenCluster().')
    const node = this.brokers.find((one) => one.id === id)
    const last = this.brokers.length
    if (!node) throw invalidArgument(`There is no broker ${String(id)}.`, `They are called 1 to ${last}.`)
    return node
  }

  #securityNow(): Broker[] {
    const running = this.#running().map(({ broker }) => broker)
    if (running.length === 0) throw invalidState('No broker of this cluster runs.', 'Start one with restart(1).')
    return running
  }

  #running(): ClusterNode[] {
    return this.brokers.filter(({ isRunning }) => isRunning)
  }

  #untilItLeadsNothing({ id, broker: { cluster } }: ClusterNode): Promise<void> {
    if (leadsNothing(cluster.image, id)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = runtime.clock.setTimer(DRAIN_MS, () => {
        stop()
        reject(new RivvenTestingError('TIMED_OUT', `Broker ${id} still leads partitions after ${DRAIN_MS} ms.`))
      })
      const stop = cluster.onChange((now) => {
        if (!leadsNothing(now, id)) return
        stop()
        timer.cancel()
        resolve()
      })
    })
  }

  /** All at once: nobody is left to whom anything could be handed over. */
  async #end(): Promise<void> {
    await Promise.all(this.brokers.map((node) => node.close()))
  }
}

function leadsNothing({ topics }: ClusterImage, id: number): boolean {
  for (const { partitions } of topics.values()) if (partitions.some(({ leader }) => leader === id)) return false
  return true
}

function invalidState(text: string, hint?: string): RivvenTestingError {
  return new RivvenTestingError('INVALID_STATE', text, { ...(hint !== undefined && { hint }) })
}
