import { encodeAssignment } from '@rivven/groups'
import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { Plan } from '../../plan/plan.js'
import { type Check, isUndecided, type Report } from '../check.js'
import { forgetRebalance, type Generation, type Group, newGeneration, newGroup, noteInstance } from './known-group.js'

const NONE = 0
const nothing = encodeAssignment({}, 0)
const REBALANCE_IN_PROGRESS = 27
const FENCED_INSTANCE_ID = 82

/**
 * Invariants 3 (a generation is never used twice), 4 (its members hold what its one leader sent, byte for byte), 5 (old
 * generations, unknown members and fenced instances change nothing), 9 (a rebalance is told to every heartbeat of the old
 * generation) and 15 (all members of a generation know its protocol).
 */
export class Generations implements Check {
  readonly #report: Report
  readonly #groups = new Map<string, Group>()
  rebalances = 0
  /** Groups whose offsets are being reset, or nobody knows whether they are: their members may have to give all up. */
  readonly #resetting = new Set<string>()
  /** Any coordinator may have to load its groups again, which nobody tells before somebody asks. */
  #hasFailingDisk = false

  readonly #liars: ReadonlySet<string>

  /** Groups that stay empty are forgotten, and begin anew. */
  readonly #mayBeginAnew: boolean

  constructor(report: Report, plan: Plan) {
    this.#report = report
    this.#liars = new Set(plan.actors.flatMap(({ kind, name }) => (kind === 'liar' ? [name] : [])))
    this.#mayBeginAnew = plan.brokerConfig.offsets_retention_minutes !== undefined
  }

  see(event: Timed<Seen>): void {
    // A coordinator that loads its groups again knows nothing of a rebalance that had not made a generation.
    if (event.kind === 'disk') this.#hasFailingDisk = event.isFailing
    // So does whoever leads their partition from now on, be it the same broker in its next term.
    if (event.kind === 'leader' && event.topic === '__consumer_offsets')
      for (const group of this.#groups.values()) forgetRebalance(group)
    // One that is asked to stop answers what it has begun.
    if (event.kind === 'broker' && event.what !== 'stop')
      for (const group of this.#groups.values()) forgetRebalance(group)
    // Whoever asks the wrong broker on purpose is told nothing of the right one.
    if (event.kind === 'answer' && !this.#liars.has(event.exchange.host) && saysMoved(event.exchange.response)) {
      forgetRebalance(this.#groupOf(event.exchange.request.groupId))
    }
    if (event.kind === 'reset' && event.step === 'asked') this.#resetting.add(event.reset.group)
    else if (event.kind === 'reset' && event.step !== 'lost') this.#resetting.delete(event.reset.group)
    if (event.kind === 'request' && event.exchange.api.name === 'JoinGroup')
      this.#groupOf(event.exchange.request.groupId).joining.add(event.exchange)
    if (event.kind === 'request' && event.exchange.api.name === 'SyncGroup') this.#seeSyncRequest(event.exchange)
    if (event.kind !== 'answer') return
    const { exchange } = event
    const group = this.#groups.get(exchange.request.groupId)
    if (group && !isSaidWhileLoading(exchange)) group.isLoading = saysMoved(exchange.response)
    this.#mustBeReplaced(exchange)
    switch (exchange.api.name) {
      case 'JoinGroup':
        if (!isUndecided(exchange.response.errorCode)) group?.joining.delete(exchange)
        this.#seeJoin(exchange)
        return
      case 'SyncGroup':
        this.#seeSync(exchange)
        return
      case 'Heartbeat':
        this.#seeHeartbeat(exchange)
        return
      case 'LeaveGroup':
        this.#seeLeave(exchange)
        return
      case 'TxnOffsetCommit':
        this.#seeTransactionalCommit(exchange)
        return
      case 'OffsetCommit':
        this.#seeCommit(exchange)
        return
    }
  }

  #seeJoin(exchange: Exchange): void {
    const { request, response, answeredAt } = exchange
    if (this.#beginsAnew(request.groupId, response)) this.#beginAnew(request.groupId)
    const group = this.#groupOf(request.groupId)
    if (response.memberId) group.known.add(response.memberId)
    if (response.errorCode !== NONE) return
    if (request.groupInstanceId !== null && request.memberId === '') group.comers.set(request.groupInstanceId, exchange)
    const { generationId, memberId, leader, protocolName } = response
    if (request.groupInstanceId) noteInstance(group, request.groupInstanceId, { memberId, generation: generationId })
    let generation = group.generations.get(generationId)
    if (!generation) {
      if (generationId <= group.newest) {
        this.#report('3', `${request.groupId} goes back from generation ${group.newest} to ${generationId}`)
      }
      generation = newGeneration({ number: generationId, leader, protocol: protocolName })
      group.generations.set(generationId, generation)
      group.newest = Math.max(group.newest, generationId)
      group.current = group.newest
      group.currentSince = answeredAt ?? 0
      this.rebalances++
    }
    generation.told.add(memberId)
    if (!response.skipAssignment) this.#mustHaveJoined(group, generation, exchange)
    if (generation.protocol !== protocolName) {
      this.#report('15', `generation ${generationId} has protocols ${generation.protocol} and ${protocolName}`)
    }
    if (!request.protocols.some(({ name }: { name: string }) => name === protocolName)) {
      this.#report('15', `${memberId} knows no protocol ${protocolName}`)
    }
    // A static member that takes its place again is answered with a leader of its own.
    if (generation.leader !== leader && group.instances.size === 0) {
      this.#report(
        '3',
        `generation ${generationId} of ${request.groupId} has leaders ${generation.leader} and ${leader}`,
      )
    }
  }

  /** Who has left is in no later generation, nor who did not come. Static members stay: they may be away. */
  #mustHaveJoined(
    { left, joining }: Group,
    { number, told }: Generation,
    { response, answeredAt = 0 }: Exchange,
  ): void {
    const members: readonly { memberId: string; groupInstanceId: string | null }[] = response.members
    for (const { memberId, groupInstanceId } of members) {
      // Answers of one moment come in any order over several connections: only what was formed later counts.
      const departure = left.get(memberId)
      if (departure && number > departure.newest && answeredAt > departure.at)
        this.#report('8', `${memberId} is in generation ${number} after it has left`)
      if (groupInstanceId !== null || told.has(memberId)) continue
      if ([...joining].some(({ request }) => request.memberId === memberId)) continue
      this.#report('8', `${memberId} is in generation ${number}, and did not join it`)
    }
  }

  #beginsAnew(groupId: string, answer: Exchange['response']): boolean {
    const group = this.#groups.get(groupId)
    if (!this.#mayBeginAnew || !group || answer.errorCode !== NONE || answer.generationId !== 1) return false
    if (group.newest === 0) return false
    // A static leader that takes its place again has a new id, too.
    const isFormed = answer.members.length > 0 && !answer.skipAssignment
    return group.generations.get(1)?.leader !== answer.leader && (group.instances.size === 0 || isFormed)
  }

  #beginAnew(groupId: string): void {
    const { joining } = this.#groupOf(groupId)
    this.#groups.delete(groupId)
    for (const exchange of joining) this.#groupOf(groupId).joining.add(exchange)
  }

  /** Who has left is in no later generation. */
  #seeLeave({ request, response, answeredAt = 0 }: Exchange): void {
    const group = this.#groupOf(request.groupId)
    if (response.errorCode !== NONE) return
    const departure = { newest: group.newest, at: answeredAt }
    for (const { memberId, errorCode } of response.members) if (errorCode === NONE) group.left.set(memberId, departure)
  }

  #seeTransactionalCommit({ request, response, sentAt }: Exchange): void {
    const { groupId, memberId, groupInstanceId, generationId } = request
    if (generationId < 0 || !isStored(response)) return
    const asked = { groupId, memberId, groupInstanceId, generationId, sentAt }
    this.#mustBeCurrent(this.#groupOf(groupId), asked, 'TxnOffsetCommit')
  }

  /** FENCED_INSTANCE_ID says that somebody else came with the instance id. */
  #mustBeReplaced({ request, response }: Exchange): void {
    if (response.errorCode !== FENCED_INSTANCE_ID || !request.groupInstanceId) return
    const { comers, joining } = this.#groupOf(request.groupId)
    // What was never answered may come at any time.
    if (comers.get(request.groupInstanceId)?.response?.memberId !== request.memberId) return
    for (const { request: other } of joining)
      if (other.memberId === '' && other.groupInstanceId === request.groupInstanceId) return
    this.#report('11', `${request.memberId} is fenced, though nobody took its instance id ${request.groupInstanceId}`)
  }

  #seeSyncRequest({ request }: Exchange): void {
    const generation = this.#groupOf(request.groupId).generations.get(request.generationId)
    if (!generation || request.assignments.length === 0) return
    if (request.memberId !== generation.leader || generation.sent) return
    const entries = request.assignments.map((entry: { memberId: string; assignment: Buffer }) => [
      entry.memberId,
      Buffer.from(entry.assignment),
    ])
    generation.sent = new Map(entries)
  }

  #seeSync({ request, response, sentAt }: Exchange): void {
    if (response.errorCode !== NONE) return
    const group = this.#groupOf(request.groupId)
    const generation = group.generations.get(request.generationId)
    this.#mustBeCurrent(group, { ...request, sentAt }, 'SyncGroup')
    group.stored = Math.max(group.stored, request.generationId)
    if (!generation?.sent || group.instances.size > 0) return
    const expected = generation.sent.get(request.memberId) ?? Buffer.alloc(0)
    const isDrained = this.#resetting.has(request.groupId) && nothing.equals(response.assignment)
    if (!expected.equals(response.assignment) && !isDrained) {
      this.#report(
        '4',
        `${request.memberId} got another assignment in generation ${generation.number} than its leader sent`,
      )
    }
  }

  #seeHeartbeat({ request, response, sentAt }: Exchange): void {
    const group = this.#groupOf(request.groupId)
    const generation = group.generations.get(request.generationId)
    if (response.errorCode === REBALANCE_IN_PROGRESS && generation) generation.isOver = true
    if (response.errorCode !== NONE || group.isLoading || this.#hasFailingDisk) return
    this.#mustBeCurrent(group, { ...request, sentAt }, 'Heartbeat')
    if (generation?.isOver) {
      this.#report('9', `a heartbeat of generation ${generation.number} is well after the group began to rebalance`)
    }
  }

  #seeCommit({ request, response, sentAt }: Exchange): void {
    if (request.generationIdOrMemberEpoch < 0) return
    if (!isStored(response)) return
    const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request
    const asked = { groupId, memberId, groupInstanceId, generationId, sentAt }
    this.#mustBeCurrent(this.#groupOf(groupId), asked, 'OffsetCommit')
  }

  /** What was answered with success must have come from a member of the newest generation. */
  #mustBeCurrent(
    group: Group,
    asked: { groupId: string; memberId: string; generationId: number; groupInstanceId?: string | null; sentAt: number },
    api: string,
  ): void {
    const { groupId, memberId, generationId, groupInstanceId, sentAt } = asked
    // What was accepted before may be on its way to the disk while the next generation begins.
    if (generationId < group.current && sentAt >= group.currentSince) {
      this.#report('5', `${api} of generation ${generationId} succeeds, ${groupId} is at ${group.current}`)
    }
    if (!group.known.has(memberId)) this.#report('5', `${api} of ${memberId}, whom nobody knows, succeeds`)
    const newest = groupInstanceId ? group.instances.get(groupInstanceId)?.at(-1)?.memberId : undefined
    if (newest !== undefined && newest !== memberId) {
      this.#report('11', `${api} of ${memberId} succeeds, but ${newest} has taken its instance id ${groupInstanceId}`)
    }
  }

  #groupOf(groupId: string): Group {
    const group = this.#groups.get(groupId) ?? newGroup()
    this.#groups.set(groupId, group)
    return group
  }
}

function isStored({ topics }: { topics: { partitions: { errorCode: number }[] }[] }): boolean {
  return topics.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode === NONE))
}

/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR. */
/** What a coordinator that loads its groups answers to anybody, as well as one that has: heartbeats succeed, and followers have to join again. */
function isSaidWhileLoading({ api, response }: Exchange): boolean {
  return api.name === 'Heartbeat' || (api.name === 'SyncGroup' && response.errorCode === REBALANCE_IN_PROGRESS)
}

function saysMoved(response: { errorCode?: number; topics?: { partitions: { errorCode: number }[] }[] }): boolean {
  const code = response.errorCode || (response.topics?.[0]?.partitions[0]?.errorCode ?? 0)
  return code >= 14 && code <= 16
}
