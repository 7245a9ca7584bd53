// Loaded by the background thread under this file's name (heartbeats.ts says it).

import { asRivvenError, errorFromCode, isTokenLogin, type SaslOptions } from '@rivven/link'
import { ErrorCode, Heartbeat, LeaveGroup } from '@rivven/protocol'
import type { RunningTask, Runtime } from '@rivven/runtime'
import { Cluster } from '../../net/cluster.js'
import { GroupRequests, mayPass } from '../../net/group-requests.js'
import type { ClusterAccess } from '../../options.js'
import { HeartbeatLoop } from './heartbeat-loop.js'
import type { BeatingMember, HeartbeatInput, HeartbeatNews, HeartbeatOrder } from './heartbeat-messages.js'
import { PollBoard } from './poll-board.js'
import { overdueReason, PollDeadline } from './poll-deadline.js'
import { ThreadTokens } from './thread-tokens.js'
import { toldError } from './told-error.js'

/** Begins the heartbeats of one consumer, on a connection of their own. */
export function run(
  input: HeartbeatInput,
  tell: (news: HeartbeatNews) => void,
  runtime: Runtime,
): RunningTask<HeartbeatOrder> {
  return new HeartbeatTask(input, tell, runtime)
}

/**
 * Keeps a member alive whatever its application does, but not when that does not poll for too long: then it leaves the
 * group in the application's place, which may be busy and unable to.
 */
class HeartbeatTask implements RunningTask<HeartbeatOrder> {
  readonly #input: HeartbeatInput
  readonly #tell: (news: HeartbeatNews) => void
  readonly #tokens: ThreadTokens
  readonly #cluster: Cluster
  readonly #requests: GroupRequests
  readonly #loop: HeartbeatLoop
  readonly #deadline: PollDeadline
  readonly #board: PollBoard
  #member: BeatingMember | null = null

  constructor(input: HeartbeatInput, tell: (news: HeartbeatNews) => void, runtime: Runtime) {
    const { clock, random } = runtime
    const tokens = new ThreadTokens(clock, () => tell({ kind: 'token wanted' }))
    const cluster = new Cluster({ ...input.access, sasl: saslOf(input.access, tokens), runtime })
    const { retryBackoffMs, maxRetryBackoffMs } = cluster
    const pace = { intervalMs: input.heartbeatIntervalMs, retryBackoffMs, maxRetryBackoffMs }
    const board = new PollBoard(input.polls)
    this.#input = input
    this.#tokens = tokens
    this.#board = board
    this.#tell = tell
    this.#cluster = cluster
    this.#requests = new GroupRequests(cluster, input.groupId)
    this.#loop = new HeartbeatLoop({ clock, random, ...pace, beat: () => this.#beat() })
    this.#deadline = new PollDeadline({
      clock,
      board,
      maxMs: input.maxPollIntervalMs,
      onOverdue: () => this.#overdue(),
    })
  }

  received(order: HeartbeatOrder): void {
    switch (order.kind) {
      case 'beat':
        this.#member = order.member
        if (order.coordinator) this.#cluster.learnCoordinator(this.#input.groupId, 'group', order.coordinator)
        this.#loop.start()
        this.#deadline.start()
        return
      case 'pause':
        this.#pause()
        return
      case 'soon':
        this.#loop.soon()
        return
      case 'token':
      case 'no token':
        this.#tokens.received(order, this.#cluster.security.tokens)
        return
      default:
        order satisfies never
    }
  }

  stop(): void {
    this.#pause()
    void this.#cluster.close()
  }

  #pause(): void {
    this.#member = null
    this.#loop.stop()
    this.#deadline.stop()
  }

  async #beat(): Promise<void> {
    const member = this.#member
    if (!member) return
    try {
      await this.#beatAs(member)
    } catch (error) {
      // What does not pass by itself is told: a member without a sign of life is soon none, and would not know.
      const what = `A heartbeat to group ${this.#input.groupId}`
      if (!mayPass(error)) this.#tell({ kind: 'failed', member, error: toldError(asRivvenError(error, what)) })
      throw error
    }
  }

  async #beatAs(member: BeatingMember): Promise<void> {
    const { groupId, groupInstanceId, sessionTimeoutMs } = this.#input
    const timeoutMs = Math.min(this.#cluster.requestTimeoutMs, sessionTimeoutMs)
    const { errorCode, reason } = await this.#requests.send(
      Heartbeat,
      { groupId, groupInstanceId, ...member },
      { timeoutMs },
    )
    switch (errorCode) {
      case ErrorCode.NONE:
        this.#board.beaten(this.#cluster.runtime.clock.monotonic())
        return
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.FENCED_INSTANCE_ID:
        if (this.#member === member) this.#loop.stop()
        this.#tell({ kind: 'refused', member, refusal: { errorCode, reason } })
        return
      case ErrorCode.REBALANCE_IN_PROGRESS:
        this.#tell({ kind: 'refused', member, refusal: { errorCode, reason } })
        return
      default:
        this.#requests.movedBy(errorCode)
        throw errorFromCode(errorCode, `A heartbeat to group ${groupId}`, { facts: { group: groupId } })
    }
  }

  /** Static members do not leave: the group gives them up after the session timeout (classic-groups §5.7). */
  #overdue(): void {
    const member = this.#member
    this.#pause()
    if (!member) return
    this.#tell({ kind: 'overdue', member })
    if (this.#input.groupInstanceId === null) void this.#leave(member)
  }

  async #leave({ memberId }: BeatingMember): Promise<void> {
    const { groupId, maxPollIntervalMs, sessionTimeoutMs } = this.#input
    const members = [{ memberId, groupInstanceId: null, reason: overdueReason(maxPollIntervalMs) }]
    try {
      await this.#requests.send(LeaveGroup, { groupId, memberId, members }, { timeoutMs: sessionTimeoutMs })
    } catch {
      // Without heartbeats the group gives the member up after the session timeout.
    }
  }
}

function saslOf({ sasl }: ClusterAccess, { wanted }: ThreadTokens): SaslOptions | undefined {
  return sasl && (isTokenLogin(sasl) ? { ...sasl, token: wanted } : sasl)
}
