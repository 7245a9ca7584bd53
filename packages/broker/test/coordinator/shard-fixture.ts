import {
  commitAppendError,
  commitOffsets,
  defaultGroupConfig,
  deleteGroup,
  describeGroup,
  type FetchedGroup,
  fetchOffsets,
  type GroupConfig,
  heartbeat,
  heartbeatAnswer,
  joinGroup,
  joinGroupRefusal,
  offsetCommitRefusal,
  syncGroup,
  syncGroupRefusal,
} from '@rivven/groups'
import {
  coordinatorAppendError,
  ErrorCode,
  type HeartbeatResponse,
  type JoinGroupResponse,
  type OffsetCommitRequest,
  type SyncGroupResponse,
} from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import { type GroupHost, GroupRules } from '../../src/coordinator/groups/group-rules.js'
import { ShardHost } from '../../src/coordinator/shards/shard-host.js'
import type { PartitionLog } from '../../src/log/partition-log.js'
import { silentLog } from '../../src/log-output.js'
import { asker, beatOf, commitOf, joinOf, syncOf } from './group-requests.js'
import { settled, TestClock } from './test-clock.js'

/** One shard over a log that the test holds in its hands. */
export class TestShard {
  readonly clock: TestClock
  readonly host: GroupHost

  constructor(log: PartitionLog, clock = new TestClock(), config: Partial<GroupConfig> = {}) {
    this.clock = clock
    let ids = 0
    const random = { next: () => 0.5, uuid: () => `id-${++ids}` }
    const runtime = { clock, random } as unknown as Runtime
    const groupConfig = { ...defaultGroupConfig, initialRebalanceDelayMs: 0, ...config }
    const logger = silentLog()
    const rules = new GroupRules({ runtime, config: groupConfig, logger })
    this.host = new ShardHost({ log, runtime, logger, rules })
  }

  async load(): Promise<this> {
    await this.host.load()
    return this
  }

  /** The error of the first partition, when there is an answer. */
  async commit(groupId: string, offsets: Record<number, number>, member = {}): Promise<number> {
    const request = commitOf(groupId, offsets, member)
    const refuse = (errorCode: number) => offsetCommitRefusal(request, commitAppendError(errorCode))
    const answer = await this.host.run({ run: commitOffsets, refuse }, request as OffsetCommitRequest, asker)
    return answer.topics[0]!.partitions[0]!.errorCode
  }

  async fetch(groupId: string): Promise<FetchedGroup> {
    const asked = { groupId, topics: null }
    const refuse = (errorCode: number) => ({ groupId, topics: [], errorCode: coordinatorAppendError(errorCode) })
    return this.host.read((shard) => fetchOffsets(shard, asked, false), refuse)
  }

  /** Committed offsets of topic `t` by partition. */
  async offsets(groupId: string): Promise<Record<number, number>> {
    const { topics } = await this.fetch(groupId)
    const found = topics.find(({ name }) => name === 't')?.partitions ?? []
    return Object.fromEntries(found.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]))
  }

  async join(groupId: string, instance: string, memberId = ''): Promise<JoinGroupResponse> {
    const refuse = (errorCode: number) =>
      joinGroupRefusal(coordinatorAppendError(errorCode), memberId, asker.apiVersion)
    return this.host.run({ run: joinGroup, refuse }, joinOf(groupId, instance, memberId), asker)
  }

  async sync(groupId: string, memberId: string, generation: number): Promise<SyncGroupResponse> {
    const refuse = (errorCode: number) => syncGroupRefusal(coordinatorAppendError(errorCode))
    const command = { run: syncGroup, refuse, whileLoading: ErrorCode.REBALANCE_IN_PROGRESS }
    return this.host.run(command, syncOf(groupId, memberId, generation), { ...asker, apiVersion: 3 })
  }

  /** Undefined while it has to wait. */
  heartbeat(groupId: string, memberId: string, generation: number): number | undefined {
    const command = { run: heartbeat, refuse: heartbeatAnswer, isImmediate: true, whileLoading: ErrorCode.NONE }
    const answer = this.host.run(command, beatOf(groupId, memberId, generation), asker)
    return answer instanceof Promise ? undefined : (answer as HeartbeatResponse).errorCode
  }

  async deleteGroup(groupId: string): Promise<number> {
    const refuse = (errorCode: number) => ({ groupId, errorCode })
    return (await this.host.run({ run: deleteGroup, refuse }, groupId, asker)).errorCode
  }

  describe(groupId: string) {
    return describeGroup(this.host.shard, groupId, 5)
  }

  /** A member alone in its group, with its assignment. */
  async member(groupId: string, instance = 'one'): Promise<{ memberId: string; generation: number }> {
    const { memberId, generationId, errorCode } = await this.join(groupId, instance)
    const synced = await this.sync(groupId, memberId, generationId)
    if (errorCode !== 0 || synced.errorCode !== 0) throw new Error(`refused: ${errorCode} ${synced.errorCode}`)
    return { memberId, generation: generationId }
  }
}

/** What a promise has given by now. */
export async function soFar<T>(promise: Promise<T>): Promise<T | 'waits'> {
  await settled()
  return Promise.race([promise, Promise.resolve('waits' as const)])
}
