import { type Assignment, decodeAssignment } from '@rivven/groups'
import { errorFromCode, FencedError, RivvenError } from '@rivven/link'
import { DecodeError, ErrorCode, JoinGroup, type JoinGroupResponse, LeaveGroup, SyncGroup } from '@rivven/protocol'
import type { GroupRequests } from '../../net/group-requests.js'
import type { ConsumerSettings } from '../options/consumer-options.js'

/** What to do after a JoinGroup or SyncGroup that did not succeed (classic-groups §5.3). Fatal errors are thrown. */
export type Setback =
  | { kind: 'again' }
  | { kind: 'later'; error: RivvenError }
  | { kind: 'unknownMember' }
  | { kind: 'staleGeneration' }
  | { kind: 'fenced' }

export type JoinOutcome =
  | { kind: 'joined'; answer: JoinGroupResponse }
  | { kind: 'idGiven'; memberId: string }
  | Setback
export type SyncOutcome = { kind: 'synced'; assignment: Assignment } | Setback

export interface JoinAs {
  memberId: string
  protocols: { name: string; metadata: Buffer }[]
  reason: string
  signal?: AbortSignal
}

export interface SyncAs {
  memberId: string
  generationId: number
  protocolName: string
  assignments: { memberId: string; assignment: Buffer }[]
  signal: AbortSignal
}

export const consumerProtocolType = 'consumer'

/** A parked request may be answered as late as the slowest member, and then some (classic-groups §7, 12). */
function patienceOf(settings: ConsumerSettings, requestTimeoutMs: number): number {
  return Math.max(requestTimeoutMs, settings.maxPollIntervalMs + 5000)
}

/** The three requests by which a member comes and goes. Each is sent once. */
export class JoinRequests {
  readonly #requests: GroupRequests
  readonly #settings: ConsumerSettings
  readonly #timeoutMs: number

  constructor(requests: GroupRequests, settings: ConsumerSettings, requestTimeoutMs: number) {
    this.#requests = requests
    this.#settings = settings
    this.#timeoutMs = patienceOf(settings, requestTimeoutMs)
  }

  async join({ memberId, protocols, reason, signal }: JoinAs): Promise<JoinOutcome> {
    const { sessionTimeoutMs, maxPollIntervalMs: rebalanceTimeoutMs, groupInstanceId } = this.#settings
    const { groupId } = this.#requests
    const request = {
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId,
      groupInstanceId,
      protocolType: consumerProtocolType,
      protocols,
      reason: reason.slice(0, 255),
    }
    const send = (version: number) => {
      if (version < 5 && groupInstanceId !== null) throw noStaticMembers(groupId)
      return request
    }
    const answer = await this.#requests.send(JoinGroup, send, { timeoutMs: this.#timeoutMs, signal })
    if (answer.errorCode === ErrorCode.NONE) return { kind: 'joined', answer }
    if (answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED) return { kind: 'idGiven', memberId: answer.memberId }
    return this.#setback(answer.errorCode, `Joining group ${groupId}`)
  }

  async sync({ memberId, generationId, protocolName, assignments, signal }: SyncAs): Promise<SyncOutcome> {
    const { groupId } = this.#requests
    const { groupInstanceId } = this.#settings
    const protocolType = consumerProtocolType
    const request = { groupId, generationId, memberId, groupInstanceId, protocolType, protocolName, assignments }
    const answer = await this.#requests.send(SyncGroup, request, {
      timeoutMs: this.#timeoutMs,
      signal,
    })
    if (answer.errorCode !== ErrorCode.NONE)
      return this.#setback(answer.errorCode, `Getting an assignment in group ${groupId}`)
    if (answer.protocolName !== null && answer.protocolName !== protocolName)
      throw inconsistent(groupId, answer.protocolName)
    return { kind: 'synced', assignment: readAssignment(answer.assignment, groupId) }
  }

  /** Leaves, past whatever is parked on the coordinator's connection. */
  async leave(memberId: string, reason: string, timeoutMs: number): Promise<void> {
    const { groupId } = this.#requests
    const { groupInstanceId } = this.#settings
    const request = { groupId, memberId, members: [{ memberId, groupInstanceId, reason: reason.slice(0, 255) }] }
    await this.#requests.part(LeaveGroup, request, { channel: 'main', timeoutMs })
  }

  #setback(code: number, what: string): Setback {
    const facts = { group: this.#requests.groupId }
    switch (code) {
      case ErrorCode.REBALANCE_IN_PROGRESS:
        return { kind: 'again' }
      case ErrorCode.UNKNOWN_MEMBER_ID:
        return { kind: 'unknownMember' }
      case ErrorCode.ILLEGAL_GENERATION:
        return { kind: 'staleGeneration' }
      case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      case ErrorCode.COORDINATOR_NOT_AVAILABLE:
      case ErrorCode.NOT_COORDINATOR:
        this.#requests.movedBy(code)
        return { kind: 'later', error: errorFromCode(code, what, { retriable: true, facts }) }
      case ErrorCode.FENCED_INSTANCE_ID:
        return { kind: 'fenced' }
      default:
        throw errorFromCode(code, what, { retriable: false, hint: hints[code], facts })
    }
  }
}

const hints: Readonly<Record<number, string>> = {
  [ErrorCode.INCONSISTENT_GROUP_PROTOCOL]:
    'All members of a group need a partition assignment strategy in common: compare with `rivvenctl group describe`.',
  [ErrorCode.INVALID_SESSION_TIMEOUT]:
    'sessionTimeoutMs must lie between group.min.session.timeout.ms and group.max.session.timeout.ms of the broker.',
  [ErrorCode.GROUP_MAX_SIZE_REACHED]: 'The broker allows no more members in a group (group.max.size).',
}

export function fencedMember(group: string, groupInstanceId: string | null): FencedError {
  const text = `Another consumer took groupInstanceId ${groupInstanceId} in group ${group}: this one is out.`
  return new FencedError('FENCED_INSTANCE_ID', text, {
    fatal: true,
    hint: 'Give each consumer a groupInstanceId of its own; make a new Consumer to go on.',
    facts: { group, groupInstanceId: groupInstanceId ?? '' },
    errorCode: ErrorCode.FENCED_INSTANCE_ID,
  })
}

function noStaticMembers(group: string): RivvenError {
  const text = 'This broker knows no static members (JoinGroup 5, Kafka 2.3).'
  return new RivvenError('UNSUPPORTED_BY_BROKER', text, { hint: 'Leave groupInstanceId out.', facts: { group } })
}

export function inconsistent(group: string, protocol: string): RivvenError {
  const text = `Group ${group} uses the protocol "${protocol}", which this consumer did not offer.`
  return new RivvenError('INCONSISTENT_GROUP_PROTOCOL', text, {
    hint: 'Is the group used by another kind of client? Take another groupId.',
    facts: { group },
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
  })
}

/** Leaders that leave members out make brokers answer zero bytes for them: that means no partitions (§7, 2). */
function readAssignment(bytes: Buffer, group: string): Assignment {
  if (bytes.length === 0) return { assignedPartitions: [], userData: null }
  try {
    return decodeAssignment(bytes)
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause
    const text = `The leader of group ${group} made an assignment that cannot be read: ${cause.message}`
    throw new RivvenError('INVALID_RESPONSE', text, { cause, facts: { group } })
  }
}
