import { Cluster, RivvenError } from '@rivven/client'
import { Heartbeat, OffsetCommit, SyncGroup } from '@rivven/protocol'
import { foreignOffset, type LiarPlan } from '../plan/plan.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, type Stage, sleep } from './actor.js'
import { Eavesdropper, type Identity } from './eavesdropper.js'

/**
 * Sends what members of the past or of no group might send: old generations, unknown members, instance ids that others have
 * taken. None of it may have an effect; the oracle knows what must be refused.
 */
export class Liar implements Actor {
  readonly name: string
  readonly #plan: LiarPlan
  readonly #stage: Stage
  readonly #random: SeededRandom
  readonly #overheard: Eavesdropper

  constructor(plan: LiarPlan, stage: Stage) {
    this.name = plan.name
    this.#plan = plan
    this.#stage = stage
    this.#random = new SeededRandom(plan.seed)
    this.#overheard = new Eavesdropper(plan.group)
    stage.history.watch(this.#overheard)
  }

  start(): void {
    beginProcess(this, this.#stage, this.#random, (process) => this.#run(process))
  }

  pause(): void {
    // Lies need no haste.
  }

  async #run(process: Process): Promise<void> {
    const { world, activeUntil } = this.#stage
    const cluster = new Cluster({
      bootstrapServers: this.#stage.doors.bootstrapServers,
      runtime: process.runtime,
      clientId: this.name,
      requestTimeoutMs: 1_000,
    })
    while (world.schedule.now < activeUntil) {
      await sleep(process, this.#random.between(10, 2 * this.#plan.everyMs))
      const identity = this.#lie()
      if (identity) await this.#say(cluster, identity)
    }
    await cluster.close()
  }

  /** An identity that has no right to anything (any more). */
  #lie(): Identity | undefined {
    const { former, present } = this.#overheard
    const stale = former.length > 0 && this.#random.chance(0.7) ? this.#random.pick(former) : undefined
    if (stale) return stale
    if (!present) return undefined
    return { ...present, memberId: `${this.name}-${this.#random.uuid()}`, groupInstanceId: null }
  }

  async #say(cluster: Cluster, { generationId, memberId, groupInstanceId }: Identity): Promise<void> {
    const { group: groupId, topic } = this.#plan
    try {
      const broker = await cluster.coordinator(groupId, 'group')
      const about = { groupId, memberId, groupInstanceId }
      switch (this.#random.below(3)) {
        case 0:
          await cluster.send(broker, Heartbeat, { ...about, generationId })
          return
        case 1: {
          const partitions = [{ partitionIndex: 0, committedOffset: foreignOffset }]
          const request = { ...about, generationIdOrMemberEpoch: generationId, topics: [{ name: topic, partitions }] }
          await cluster.send(broker, OffsetCommit, request, { maxVersion: 9 })
          return
        }
        case 2:
          await cluster.send(broker, SyncGroup, { ...about, generationId, assignments: [] }, { maxVersion: 4 })
          return
      }
    } catch (error) {
      if (!(error instanceof RivvenError)) throw error
    }
  }
}
