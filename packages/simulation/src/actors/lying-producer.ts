import { Cluster, RivvenError } from '@rivven/client'
import { buildBatch, ErrorCode, InitProducerId, Produce } from '@rivven/protocol'
import type { LyingProducerPlan } from '../plan/plan.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, type Stage, sleep } from './actor.js'
import { TransactionLies } from './transaction-lies.js'

/** Its own name, and the sequence that comes next. */
interface Identity {
  readonly producerId: number
  readonly producerEpoch: number
  readonly next: number
}

/**
 * A producer that keeps no rules: it leaves gaps in its sequences and repeats old ones, and it speaks for transactions in
 * epochs that are over. What it writes is read by nobody, and nothing that it says for others may have an effect.
 */
export class LyingProducer implements Actor {
  readonly name: string
  readonly #plan: LyingProducerPlan
  readonly #stage: Stage
  readonly #random: SeededRandom
  readonly #lies: TransactionLies | undefined
  #identity: Identity | undefined

  constructor(plan: LyingProducerPlan, stage: Stage) {
    this.name = plan.name
    this.#plan = plan
    this.#stage = stage
    this.#random = new SeededRandom(plan.seed)
    if (plan.transactions) this.#lies = new TransactionLies(plan.transactions, stage.history, this.#random)
  }

  start(): void {
    beginProcess(this, this.#stage, this.#random, (process) => this.#run(process))
  }

  pause(): void {
    // Lies need no haste.
  }

  async #run(process: Process): Promise<void> {
    const { runtime } = process
    const cluster = new Cluster({
      bootstrapServers: this.#stage.doors.bootstrapServers,
      runtime,
      clientId: this.name,
      requestTimeoutMs: 1_000,
    })
    while (this.#stage.world.schedule.now < this.#stage.activeUntil) {
      await sleep(process, this.#random.between(10, 2 * this.#plan.everyMs))
      try {
        await (this.#lies && this.#random.chance(0.5) ? this.#lies.tell(cluster) : this.#gossip(cluster))
      } catch (error) {
        if (!(error instanceof RivvenError)) throw error
      }
    }
    await cluster.close()
  }

  async #gossip(cluster: Cluster): Promise<void> {
    const identity = this.#identity ?? (await newIdentity(cluster))
    // Without a clear answer nobody knows what the log has of it: then it takes another one.
    this.#identity = undefined
    if (!identity) return
    const sequence = this.#sequence(identity)
    const errorCode = await this.#produce(cluster, identity, sequence)
    const isRefusedLie = errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && sequence !== identity.next
    if (isRefusedLie) this.#identity = identity
    if (errorCode === ErrorCode.NONE) this.#identity = { ...identity, next: Math.max(identity.next, sequence + 1) }
  }

  /** Mostly the right one. The first one always is: a log that knows nothing of a producer may take any. */
  #sequence({ next }: Identity): number {
    if (next === 0 || this.#random.chance(0.6)) return next
    return this.#random.chance(0.5) ? next + 1 + this.#random.below(3) : this.#random.below(next)
  }

  async #produce(cluster: Cluster, identity: Identity, baseSequence: number): Promise<number | undefined> {
    const { producerId, producerEpoch } = identity
    const records = [{ value: `${this.name}.${baseSequence}`, timestamp: cluster.runtime.clock.now() }]
    const batch = buildBatch({ records, producerId, producerEpoch, baseSequence })
    const topicData = [{ name: this.#plan.topic, partitionData: [{ index: 0, records: batch }] }]
    const request = { acks: -1, timeoutMs: 1_000, topicData }
    const { responses } = await cluster.send('any', Produce, request, { maxVersion: 12 })
    return responses[0]?.partitionResponses[0]?.errorCode
  }
}

async function newIdentity(cluster: Cluster): Promise<Identity | undefined> {
  const request = { transactionalId: null, transactionTimeoutMs: 60_000 }
  const { errorCode, producerId, producerEpoch } = await cluster.send('any', InitProducerId, request)
  return errorCode === ErrorCode.NONE ? { producerId, producerEpoch, next: 0 } : undefined
}
