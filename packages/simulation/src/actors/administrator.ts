import { Admin, RivvenError } from '@rivven/client'
import type { AdministratorPlan } from '../plan/plan.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, type Stage, sleep } from './actor.js'

/** Somebody who looks after the cluster while it works: removes members, resets offsets, makes topics anew and grows them. */
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
    beginProcess(this, this.#stage, this.#random, (process) => this.#run(process))
  }

  pause(): void {
    // Nobody waits for it.
  }

  async #run(process: Process): Promise<void> {
    const admin = new Admin({
      bootstrapServers: this.#stage.doors.bootstrapServers,
      runtime: process.runtime,
      clientId: this.name,
      timeoutMs: 2_000,
    })
    const { world, activeUntil } = this.#stage
    while (world.schedule.now < activeUntil) {
      await sleep(process, this.#random.between(50, 1_000))
      await this.#try(() => this.#act(admin, process))
    }
    const { topic, remade } = this.#plan
    await this.#until(process, () => this.#grow(admin))
    if (remade !== undefined) await this.#until(process, () => this.#make(admin, remade))
    await this.#until(process, () => this.#tellPartitions(admin, remade === undefined ? [topic] : [topic, remade]))
    await admin.close()
  }

  #act(admin: Admin, process: Process): Promise<void> {
    const { remade } = this.#plan
    if (remade !== undefined && this.#random.chance(0.5)) return this.#remake(admin, process, remade)
    if (this.#plan.deletesRecords && this.#random.chance(0.4)) return this.#deleteRecords(admin)
    return this.#random.chance(0.7) ? this.#removeMember(admin) : this.#resetOffsets(admin)
  }

  /** However long it takes: whether a try without answer worked is seen at the next one. */
  async #until(process: Process, act: () => Promise<void>): Promise<void> {
    while (!(await this.#try(act))) await sleep(process, 100)
  }

  async #try(act: () => Promise<void>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      if (!(error instanceof RivvenError)) throw error
      this.#stage.history.add({ kind: 'note', text: `${this.name}: ${error.message}` })
      return error.code === 'INVALID_PARTITIONS' || error.code === 'TOPIC_ALREADY_EXISTS'
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

  /** Somewhere between the first and the last one there is, whoever has yet to read them. */
  async #deleteRecords(admin: Admin): Promise<void> {
    const where = { topic: this.#plan.topic, partition: 0 }
    const [found] = await admin.listOffsets([{ ...where, timestamp: 'latest' }])
    await admin.deleteRecords([{ ...where, offset: this.#random.below(found!.offset + 1) }])
  }

  async #remake(admin: Admin, process: Process, topic: string): Promise<void> {
    await admin.deleteTopics([topic])
    await sleep(process, this.#random.between(1, 300))
    await this.#make(admin, topic)
  }

  async #make(admin: Admin, topic: string): Promise<void> {
    await admin.createTopics([{ name: topic, partitions: 1 + this.#random.below(3) }])
  }

  async #tellPartitions(admin: Admin, topics: string[]): Promise<void> {
    for (const { name, partitions } of await admin.describeTopics(topics))
      this.#stage.history.add({ kind: 'grown', topic: name, partitions: partitions.length })
  }

  #grow(admin: Admin): Promise<void> {
    return admin.createPartitions([{ topic: this.#plan.topic, count: this.#plan.partitions }])
  }
}
