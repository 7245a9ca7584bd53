import { Admin, RivvenError, SeveralFailedError } from '@rivven/client'
import type { AdministratorPlan } from '../plan/plan.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, type Process, type Stage, sleep } from './actor.js'
import { bootstrapServers } from './broker-machine.js'

/** Somebody who looks after the cluster while it works: removes members, resets offsets of empty groups, and grows the topic. */
export class Administrator implements Actor {
  readonly name: string
  readonly #plan: AdministratorPlan
  readonly #stage: Stage
  readonly #random: SeededRandom

  constructor(plan: AdministratorPlan, stage: Stage) {
    this.name = plan.name
    this.#plan = plan
    this.#stage = stage
    this.#random = new SeededRandom(plan.seed)
  }

  start(): void {
    const { life, runtime } = this.#stage.world.begin(this.name)
    const process = { life, runtime, random: this.#random }
    this.#run(process).catch((error) => this.#stage.fail(`${this.name} failed`, error))
  }

  pause(): void {
    // Nobody waits for it.
  }

  async #run(process: Process): Promise<void> {
    const admin = new Admin({ bootstrapServers, runtime: process.runtime, clientId: this.name, timeoutMs: 2_000 })
    const { world, activeUntil } = this.#stage
    while (world.schedule.now < activeUntil) {
      await sleep(process, this.#random.between(50, 1_000))
      await this.#try(() => (this.#random.chance(0.7) ? this.#removeMember(admin) : this.#resetOffsets(admin)))
    }
    // However long it takes: whether a try without answer worked is seen at the next one.
    while (!(await this.#try(() => this.#grow(admin)))) await sleep(process, 100)
    this.#stage.history.add({ kind: 'grown', topic: this.#plan.topic, partitions: this.#plan.partitions })
    await admin.close()
  }

  async #try(act: () => Promise<void>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      if (!(error instanceof RivvenError || error instanceof SeveralFailedError)) throw error
      this.#stage.history.add({ kind: 'note', text: `${this.name}: ${error.message}` })
      return error instanceof RivvenError && error.code === 'INVALID_PARTITIONS'
    }
  }

  async #removeMember(admin: Admin): Promise<void> {
    const { group } = this.#plan
    const [description] = await admin.describeGroups([group])
    if (!description || description.members.length === 0) return
    const { memberId, groupInstanceId } = this.#random.pick(description.members)
    await admin.removeMembers(group, [groupInstanceId === null ? { memberId } : { groupInstanceId }])
  }

  /** To the beginning, so that nothing is left out. It is refused while the group has members. */
  #resetOffsets(admin: Admin): Promise<void> {
    return admin.alterGroupOffsets(this.#plan.group, [{ topic: this.#plan.topic, partition: 0, offset: 0 }])
  }

  #grow(admin: Admin): Promise<void> {
    return admin.createPartitions([{ topic: this.#plan.topic, count: this.#plan.partitions }])
  }
}
