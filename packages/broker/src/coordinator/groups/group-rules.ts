import {
  createShard,
  type Decision,
  deadlineOf,
  decodeEvent,
  encodeEvent,
  type GroupConfig,
  type GroupEvent,
  type GroupShard,
  loaded,
  type MemberRoom,
  replay,
  tick,
  unload,
} from '@rivven/groups'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Command, ShardHost } from '../shards/shard-host.js'
import type { ShardHosts } from '../shards/shard-hosts.js'
import type { BatchProducer, Now, ShardRules } from '../shards/shard-rules.js'
import type { GroupObserver } from './group-observer.js'

export type GroupHost = ShardHost<GroupShard, GroupEvent, Decision>
export type GroupHosts = ShardHosts<GroupShard, GroupEvent, Decision>
export type GroupCommand<Request, Response> = Command<GroupShard, Decision, Request, Response>

export interface GroupRulesOptions {
  readonly runtime: Runtime
  readonly config: GroupConfig
  readonly logger: Logger
  readonly observers?: readonly GroupObserver[]
  /** How much new offsets may weigh together, in all shards. Default: no limit. */
  readonly roomForOffsets?: () => number
  /** Default: no limit. */
  readonly memberRoom?: MemberRoom
}

/** What a shard does that hosts groups. */
export class GroupRules implements ShardRules<GroupShard, GroupEvent, Decision> {
  readonly what = 'groups'
  readonly encode = encodeEvent
  readonly replay = replay
  readonly loaded = loaded
  readonly tick = tick
  readonly #options: GroupRulesOptions

  constructor(options: GroupRulesOptions) {
    this.#options = options
  }

  create(): GroupShard {
    const { runtime, ...limits } = this.#options
    return createShard({ newId: () => runtime.random.uuid(), ...limits })
  }

  /** Offsets of a transaction wait for its marker. */
  decode(key: Buffer, value: Buffer | null, producer: BatchProducer | null): GroupEvent | null {
    const event = decodeEvent(key, value)
    return producer !== null && event?.kind === 'OffsetCommitted'
      ? { ...event, kind: 'OffsetPending', producer }
      : event
  }

  ended(producer: BatchProducer, committed: boolean, coordinatorEpoch: number): GroupEvent {
    return { kind: 'TransactionEnded', producer, committed, coordinatorEpoch, transactionVersion: 0 }
  }

  unload(shard: GroupShard): Decision {
    return unload(shard)
  }

  due(shard: GroupShard, monotonic: number): readonly string[] {
    const due: string[] = []
    for (const groupId of shard.groups.keys()) if (deadlineOf(shard, groupId) <= monotonic) due.push(groupId)
    return due
  }

  earliestDeadline(shard: GroupShard): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const { nextDeadline } of shard.groups.values()) if (nextDeadline < earliest) earliest = nextDeadline
    return earliest
  }

  took(decision: Decision, shard: GroupShard, now: Now): void {
    const { notes } = decision
    if (!notes || notes.length === 0) return
    const { logger, observers = [] } = this.#options
    for (const { facts: _, ...note } of notes) logger.info(note, `group ${note.groupId}: ${note.kind}`)
    for (const observer of observers) observer.decided(decision, shard, now)
  }

  afterwards(): null {
    return null
  }
}
