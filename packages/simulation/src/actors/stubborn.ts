import { Cluster, RivvenError } from '@rivven/client'
import { encodeSubscription } from '@rivven/groups'
import { ErrorCode, Heartbeat, JoinGroup, SyncGroup } from '@rivven/protocol'
import type { StubbornPlan } from '../plan/plan.js'
import { type Actor, type Process, type Stage, sleep } from './actor.js'

const sessionTimeoutMs = 1_000

/**
 * A member that is alive and useless: it joins once, sends its heartbeats whatever they are answered, and joins no later
 * generation. The others must go on without it when their time is over.
 */
export class Stubborn implements Actor {
  readonly name: string
  readonly #plan: StubbornPlan
  readonly #stage: Stage

  constructor(plan: StubbornPlan, stage: Stage) {
    this.name = plan.name
    this.#plan = plan
    this.#stage = stage
  }

  start(): void {
    const { life, runtime } = this.#stage.world.begin(this.name)
    const process = { life, runtime, random: this.#stage.world.random }
    this.#run(process).catch((error) => {
      if (!(error instanceof RivvenError)) this.#stage.fail(`${this.name} failed`, error)
    })
  }

  pause(): void {
    // It does nothing that could be late.
  }

  async #run(process: Process): Promise<void> {
    const { world, activeUntil } = this.#stage
    const cluster = new Cluster({
      bootstrapServers: this.#stage.doors.bootstrapServers,
      runtime: process.runtime,
      clientId: this.name,
      requestTimeoutMs: 5_000,
    })
    const broker = await cluster.coordinator(this.#plan.group, 'group')
    const member = await this.#join(cluster, broker)
    while (member && world.schedule.now < activeUntil) {
      await sleep(process, sessionTimeoutMs / 4)
      await cluster.send(broker, Heartbeat, { groupId: this.#plan.group, ...member })
    }
    process.life.die()
  }

  async #join(cluster: Cluster, broker: number, memberId = ''): Promise<object | null> {
    const { group: groupId, topic, instanceId, rebalanceTimeoutMs } = this.#plan
    const groupInstanceId = instanceId ?? null
    const metadata = encodeSubscription({ topics: [topic] })
    const protocols = ['range', 'roundrobin', 'sticky', 'cooperative-sticky'].map((name) => ({ name, metadata }))
    const request = {
      groupId,
      memberId,
      groupInstanceId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocolType: 'consumer',
      protocols,
    }
    const answer = await cluster.send(broker, JoinGroup, request)
    if (answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED) return this.#join(cluster, broker, answer.memberId)
    if (answer.errorCode !== ErrorCode.NONE) return null
    const member = { memberId: answer.memberId, generationId: answer.generationId, groupInstanceId }
    // As leader it assigns nothing to anybody.
    await cluster.send(broker, SyncGroup, { groupId, ...member, assignments: [] }, { maxVersion: 4 })
    return member
  }
}
