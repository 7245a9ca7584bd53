import { type BrokerConfig, type ClusterImage, memoryDatabase, type PartitionLeader } from '@rivven/broker'
import { runtime } from '../guest.js'
import { invalidArgument, notStarted, RivvenTestingError } from '../rivven-testing-error.js'
import { ClusterNode } from './cluster-node.js'
import type { RivvenCluster } from './start-rivven-cluster.js'

/** So long a broker may take to hand over what it leads: each partition waits for groups that are just rebalancing. */
const DRAIN_MS = 30_000

/** Brokers on one database in memory. */
export class TestCluster implements RivvenCluster {
  readonly brokers: readonly ClusterNode[]
  #closing: Promise<void> | undefined

  private constructor(brokers: readonly ClusterNode[]) {
    this.brokers = brokers
  }

  /** Throws a RivvenTestingError where one of them does not start. */
  static async start(configs: readonly BrokerConfig[]): Promise<TestCluster> {
    const database = memoryDatabase(runtime)
    const started = await Promise.allSettled(configs.map((config) => ClusterNode.start(database, config)))
    const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = started.find((one) => one.status === 'rejected')
    if (!failed) return new TestCluster(nodes)
    await Promise.all(nodes.map((node) => node.end('kill')))
    throw notStarted(failed.reason)
  }

  get bootstrapServers(): string {
    return this.brokers.map(({ bootstrapServers }) => bootstrapServers).join(',')
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
