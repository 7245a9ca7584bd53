import assert from 'node:assert/strict'
import type {
  HeartbeatRequest,
  HeartbeatResponse,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  LeaveGroupResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetDeleteResponse,
  SyncGroupRequest,
  SyncGroupResponse,
} from '@rivven/protocol'
import { ZERO_UUID } from '@rivven/protocol'
import {
  bytesOfGroup,
  type Call,
  commitInTransaction,
  commitOffsets,
  createShard,
  type Decision,
  deadlineOf,
  decodeEvent,
  deleteGroup,
  deleteOffsets,
  describeGroup,
  type EncodedRecord,
  type EndedRebalance,
  type EndedTransaction,
  encodeEvent,
  endTransaction,
  expectMember,
  expireOffsets,
  fetchOffsets,
  type Group,
  type GroupConfig,
  type GroupEvent,
  type GroupResponse,
  type GroupShard,
  heartbeat,
  joinGroup,
  leaveGroup,
  loaded,
  MemberRoom,
  membersDisconnected,
  type Now,
  orphanHandedOutIds,
  type RebalanceNote,
  type RebalanceStory,
  type RequestContext,
  type ResetOutcome,
  type ResetRequest,
  replay,
  resetOffsets,
  type Snapshot,
  syncGroup,
  Timeline,
  tellStory,
  tick,
  unload,
} from '../../src/index.js'

/** A request that was sent: its answer, once there is one. */
export class Sent<Response> {
  answers: Response[] = []

  get isWaiting(): boolean {
    return this.answers.length === 0
  }

  /** The one answer. */
  get answer(): Response {
    assert.equal(this.answers.length, 1, `${this.answers.length} answers`)
    return this.answers[0]
  }
}

export const groupId = 'g'
const client: RequestContext = { apiVersion: 9, clientId: 'app', clientHost: '/10.0.0.1' }

export type JoinOptions = Partial<Omit<JoinGroupRequest, 'protocols'>> & {
  protocols?: Record<string, string | Buffer>
  version?: number
}

/** What a broker does around a shard, in memory: events are replayed and logged at once, the clock moves by hand. */
export class TestHost {
  shard: GroupShard
  now: Now = { wall: 1_700_000_000_000, monotonic: 5_000 }
  log: EncodedRecord[] = []
  /** What was decided that changes something: kinds of its events. */
  readonly decisions: { readonly kinds: string[]; readonly isWhole: boolean }[] = []
  notes: RebalanceNote[] = []
  readonly ended: EndedRebalance[] = []
  private timeline = new Timeline()
  private readonly config: Partial<GroupConfig>
  private readonly memberBytes: number
  private readonly sent = new Map<number, Sent<GroupResponse>>()
  private tickets = 0
  private ids = 0

  /** `memberBytes`: what members of all groups may take together. */
  constructor(config: Partial<GroupConfig> = {}, memberBytes = Number.POSITIVE_INFINITY) {
    this.memberBytes = memberBytes
    this.config = { initialRebalanceDelayMs: 0, gatherMs: 0, ...config }
    this.shard = this.newShard()
  }

  get group(): Group {
    const group = this.shard.groups.get(groupId)
    assert.ok(group, 'the group is there')
    return group
  }

  get state(): string {
    return this.shard.groups.get(groupId)?.state ?? 'Dead'
  }

  get stories(): RebalanceStory[] {
    return this.ended.map(tellStory)
  }

  get waitingRequests(): number {
    return this.sent.size
  }

  join({ protocols = { range: 'm' }, version = 9, ...request }: JoinOptions = {}): Sent<JoinGroupResponse> {
    const full: JoinGroupRequest = {
      groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 30_000,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      reason: null,
      ...request,
      protocols: Object.entries(protocols).map(([name, metadata]) => ({ name, metadata: Buffer.from(metadata) })),
    }
    return this.send((call) => joinGroup(this.shard, call), full, version)
  }

  sync(
    request: Partial<Omit<SyncGroupRequest, 'assignments'>> & {
      assignments?: Record<string, string | Buffer>
      version?: number
    },
  ): Sent<SyncGroupResponse> {
    const { assignments = {}, version = 3, ...rest } = request
    const full: SyncGroupRequest = {
      groupId,
      generationId: 0,
      memberId: '',
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      ...rest,
      assignments: Object.entries(assignments).map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) })),
    }
    return this.send((call) => syncGroup(this.shard, call), full, version)
  }

  beat(memberId: string, generationId: number, groupInstanceId: string | null = null): number {
    return this.beatAnswer(memberId, generationId, groupInstanceId).errorCode
  }

  beatAnswer(memberId: string, generationId: number, groupInstanceId: string | null = null): HeartbeatResponse {
    const request: HeartbeatRequest = { groupId, memberId, generationId, groupInstanceId }
    return this.send<HeartbeatRequest, HeartbeatResponse>((call) => heartbeat(this.shard, call), request, 4).answer
  }

  /** Commits the offset of a partition with a transaction, in the name of nobody. */
  commitInTransaction({ producerId, offset }: { producerId: number; offset: number }): void {
    const partitions = [{ partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: '' }]
    const request = {
      ...{ transactionalId: 'x', groupId, producerId, producerEpoch: 0 },
      ...{ generationId: -1, memberId: '', groupInstanceId: null, topics: [{ name: 't', partitions }] },
    }
    const commit = (call: Call<typeof request>) => commitInTransaction(this.shard, call)
    const sent = this.send<typeof request, { topics: { partitions: { errorCode: number }[] }[] }>(commit, request, 2)
    assert.equal(sent.answer.topics[0]?.partitions[0]?.errorCode, 0)
  }

  endTransaction(producerId: number, committed: boolean): void {
    const request = { producerId, producerEpoch: 0, committed, coordinatorEpoch: 0, transactionVersion: 0 }
    this.send((call: Call<EndedTransaction>) => endTransaction(this.shard, call), request, 0)
  }

  leave(members: { memberId?: string; groupInstanceId?: string; reason?: string }[], version = 5): LeaveGroupResponse {
    const request: LeaveGroupRequest = {
      groupId,
      memberId: version < 3 ? (members[0].memberId ?? '') : '',
      members: members.map((member) => ({ memberId: '', groupInstanceId: null, reason: null, ...member })),
    }
    return this.send<LeaveGroupRequest, LeaveGroupResponse>((call) => leaveGroup(this.shard, call), request, version)
      .answer
  }

  /** Commits one offset and gives its error. */
  commit(request: {
    offset?: number
    topic?: string
    partition?: number
    memberId?: string
    generationId?: number
    groupInstanceId?: string
    retentionTimeMs?: number
    metadata?: string | null
    version?: number
  }): number {
    const partition = {
      partitionIndex: request.partition ?? 0,
      committedOffset: request.offset ?? 1,
      committedLeaderEpoch: -1,
      committedMetadata: request.metadata === undefined ? '' : request.metadata,
    }
    const full = {
      groupId,
      generationIdOrMemberEpoch: request.generationId ?? -1,
      memberId: request.memberId ?? '',
      groupInstanceId: request.groupInstanceId ?? null,
      retentionTimeMs: request.retentionTimeMs ?? -1,
      topics: [{ name: request.topic ?? 't', topicId: ZERO_UUID, partitions: [partition] }],
    } as OffsetCommitRequest
    const commit = (call: Call<OffsetCommitRequest>) => commitOffsets(this.shard, call)
    const sent = this.send<OffsetCommitRequest, OffsetCommitResponse>(commit, full, request.version ?? 9)
    return sent.answer.topics[0].partitions[0].errorCode
  }

  /** The committed offset of a partition, -1 without. */
  committed(topic = 't', partition = 0): number {
    const topics = [{ name: topic, topicId: ZERO_UUID, partitionIndexes: [partition] }]
    const fetched = fetchOffsets(this.shard, { groupId, topics }, true)
    return fetched.topics[0].partitions[0].committedOffset
  }

  deleteOffset(topic = 't', partition = 0): OffsetDeleteResponse {
    const request = { groupId, topics: [{ name: topic, partitions: [{ partitionIndex: partition }] }] }
    return this.send<typeof request, OffsetDeleteResponse>((call) => deleteOffsets(this.shard, call), request, 0).answer
  }

  deleteGroup(): number {
    const run = (call: Call<string>) => deleteGroup(this.shard, call)
    return this.send<string, { errorCode: number }>(run, groupId, 2).answer.errorCode
  }

  /** Moves offsets of topic `t`, by partition; the partitions hold 0 to 100. */
  reset(
    offsets: Record<number, number | null>,
    { by, ...options }: Partial<ResetRequest> & { by?: string } = {},
  ): Sent<ResetOutcome> {
    const wanted = Object.entries(offsets).map(([partition, offset]) => ({
      topic: 't',
      partition: Number(partition),
      topicId: ZERO_UUID,
      aim: offset === null ? ({ kind: 'forget' } as const) : ({ kind: 'offset', offset } as const),
    }))
    const request: ResetRequest = {
      groupId,
      wanted,
      limitsOf: () => ({ start: 0, end: 100 }),
      isLive: false,
      handoverMs: 5_000,
      isPlan: false,
      ifUnchanged: null,
      isForced: false,
      mayCreate: false,
      reason: '',
      undoes: null,
      ...options,
    }
    const access = { principal: by ?? 'User:ann' }
    return this.send((call) => resetOffsets(this.shard, call), request, 0, { ...client, access })
  }

  get snapshots(): readonly Snapshot[] {
    return this.shard.snapshots.of(groupId)
  }

  describe(version = 6) {
    return describeGroup(this.shard, groupId, version)
  }

  /** So many clients ask where the group is coordinated. */
  askForCoordinator(count = 1): void {
    for (let asked = 0; asked < count; asked++) this.apply(expectMember(this.shard, groupId, this.now))
  }

  /** The connections close over which these ids were handed out. */
  hangUp(memberIds: readonly string[]): void {
    this.apply(orphanHandedOutIds(this.shard, { groupId, memberIds }, this.now))
  }

  /** The connection closes over which this member was last heard of. */
  disconnect(memberId: string): void {
    this.apply(membersDisconnected(this.shard, { groupId, memberIds: [memberId] }, this.now))
  }

  sweep(): void {
    this.apply(expireOffsets(this.shard, this.now))
  }

  unload(): void {
    this.apply(unload(this.shard))
  }

  /** Moves the clock, calling `tick` whenever the group asks for it and at no other time. */
  advance(ms: number): void {
    const end = this.now.monotonic + ms
    for (;;) {
      const due = deadlineOf(this.shard, groupId)
      if (due > end) break
      this.moveTo(Math.max(due, this.now.monotonic))
      this.apply(tick(this.shard, groupId, this.now))
    }
    this.moveTo(end)
  }

  /** The broker dies and loads the log again. Whoever waited gets no answer from it. */
  restart(config: Partial<GroupConfig> = {}): void {
    this.sent.clear()
    Object.assign(this.config, config)
    this.shard = this.newShard()
    this.timeline = new Timeline()
    for (const record of this.log) replay(this.shard, eventOf(record))
    this.now = { wall: this.now.wall + 2_000, monotonic: 10 }
    this.apply(loaded(this.shard, this.now))
  }

  apply(decision: Decision): void {
    const { events, isWhole = false } = decision
    if (events.length > 0) this.decisions.push({ kinds: events.map(({ kind }) => kind), isWhole })
    for (const event of decision.events) {
      replay(this.shard, event)
      this.log.push(encodeEvent(event))
    }
    this.notes.push(...(decision.notes ?? []))
    this.ended.push(...this.timeline.take(decision.notes ?? [], this.now))
    for (const { ticket, response } of decision.replies) {
      const sent = this.sent.get(ticket)
      assert.ok(sent, `ticket ${ticket} waits for an answer`)
      sent.answers.push(response)
      this.sent.delete(ticket)
    }
  }

  private send<Request, Response>(
    command: (call: Call<Request>) => Decision,
    request: Request,
    apiVersion: number,
    context: RequestContext = client,
  ): Sent<Response> {
    const ticket = ++this.tickets
    const sent = new Sent<GroupResponse>()
    this.sent.set(ticket, sent)
    this.apply(command({ ticket, request, context: { ...context, apiVersion }, now: this.now }))
    return sent as unknown as Sent<Response>
  }

  private moveTo(monotonic: number): void {
    this.now = { wall: this.now.wall + monotonic - this.now.monotonic, monotonic }
  }

  private newShard(): GroupShard {
    const { config } = this
    const count = () => [...this.shard.groups.values()].reduce((sum, group) => sum + bytesOfGroup(group), 0)
    return createShard({ newId: () => `${++this.ids}`, config, memberRoom: new MemberRoom(this.memberBytes, count) })
  }
}

/** As a broker reads it: offsets of a transaction lie in its batches, and its end is a control batch. */
function eventOf({ key, value, producer, ends }: EncodedRecord): GroupEvent {
  if (producer && ends) return { kind: 'TransactionEnded', producer, ...ends }
  const event = decodeEvent(key, value)
  assert.ok(event)
  return producer && event.kind === 'OffsetCommitted' ? { ...event, kind: 'OffsetPending', producer } : event
}

/** Joins a dynamic member the way clients do since KIP-394, and gives the JoinGroup that may wait. */
export function joinDynamic(
  host: TestHost,
  options: JoinOptions = {},
): { memberId: string; sent: Sent<JoinGroupResponse> } {
  const { memberId, errorCode } = host.join(options).answer
  assert.equal(errorCode, 79)
  return { memberId, sent: host.join({ ...options, memberId }) }
}

/**
 * A Stable group with one member for each options; the first leads. Every member is assigned its own member id.
 * All members must share a protocol.
 */
export function stableGroup(host: TestHost, ...options: JoinOptions[]): { members: string[]; generation: number } {
  const members: string[] = []
  let generation = 0
  for (const option of options.length > 0 ? options : [{}]) {
    const joined = option.groupInstanceId ? { memberId: '', sent: host.join(option) } : joinDynamic(host, option)
    const others = members.map((memberId, i) => host.join({ ...options[i], memberId }))
    host.advance(0)
    members.push(joined.sent.answer.memberId)
    generation = joined.sent.answer.generationId
    for (const other of others) assert.equal(other.answer.generationId, generation)
  }
  settle(host, members, generation)
  return { members, generation }
}

/** All members sync; the first one leads and assigns everybody its own id. */
export function settle(host: TestHost, members: string[], generationId: number): void {
  const assignments = Object.fromEntries(members.map((memberId) => [memberId, `for ${memberId}`]))
  const leader = host.group.leaderId ?? ''
  const rest = members.filter((memberId) => memberId !== leader)
  const instanceOf = (memberId: string) => host.group.members.get(memberId)?.groupInstanceId ?? null
  const syncs = rest.map((memberId) => host.sync({ memberId, generationId, groupInstanceId: instanceOf(memberId) }))
  syncs.push(host.sync({ memberId: leader, generationId, groupInstanceId: instanceOf(leader), assignments }))
  for (const sync of syncs) assert.equal(sync.answer.errorCode, 0)
  assert.equal(host.state, 'Stable')
}
