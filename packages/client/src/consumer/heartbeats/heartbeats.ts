import type { RivvenError, Tokens } from '@rivven/link'
import type { BackgroundHandle, BackgroundTask } from '@rivven/runtime'
import type { Cluster } from '../../net/cluster.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { BeatingMember, BeatRefusal, HeartbeatInput, HeartbeatNews, HeartbeatOrder } from './heartbeat-messages.js'
import { run } from './heartbeat-task.js'
import type { PollBoard } from './poll-board.js'
import type { ThreadTokenOrder } from './thread-tokens.js'
import { heardError } from './told-error.js'

export interface HeartbeatsParts {
  cluster: Cluster
  settings: ConsumerSettings
  groupId: string
  board: PollBoard
  /** The coordinator refused a heartbeat with an error about membership. */
  onRefused(refusal: BeatRefusal, member: BeatingMember): void
  /** Heartbeats fail for a reason that somebody has to mend. Told with each of them. */
  onFailed(error: RivvenError, member: BeatingMember): void
  /** Poll was not called for too long: this member beats no more, and has left its group unless it is static. */
  onOverdue(member: BeatingMember): void
}

const task: BackgroundTask<HeartbeatInput, HeartbeatOrder, HeartbeatNews> = {
  module: new URL('./heartbeat-task.js', import.meta.url),
  run,
}

/** How soon heartbeats that were lost with their thread begin again, in milliseconds. */
const restartMs = 100

/** The heartbeats of one member, as membership sees them: they go on in the background, whatever the application does. */
export class Heartbeats {
  readonly #parts: HeartbeatsParts
  #handle: BackgroundHandle<HeartbeatOrder> | null = null
  #endTokens: () => void = () => undefined
  /** Who beats at present. */
  #member: BeatingMember | null = null

  constructor(parts: HeartbeatsParts) {
    this.#parts = parts
  }

  /** Gets the background ready, so that it is there when the first heartbeat is due. */
  prepare(): void {
    this.#handle ??= this.#begin()
  }

  start(member: BeatingMember): void {
    const { cluster, groupId } = this.#parts
    this.#member = member
    this.prepare()
    this.#handle?.tell({ kind: 'beat', member, coordinator: cluster.knownCoordinator(groupId, 'group') })
  }

  /** The next one at once: the broker hinted at a rebalance, of which the answer tells. Cheap to call often. */
  beatSoon(): void {
    if (this.#member) this.#handle?.tell({ kind: 'soon' })
  }

  /** No heartbeats until the next start. */
  pause(): void {
    this.#member = null
    this.#handle?.tell({ kind: 'pause' })
  }

  /** Gives the background up; it begins anew when it is needed again. */
  stop(): void {
    this.#member = null
    this.#endTokens()
    this.#handle?.stop()
    this.#handle = null
  }

  #begin(): BackgroundHandle<HeartbeatOrder> {
    const { cluster, settings, groupId, board } = this.#parts
    const { groupInstanceId, heartbeatIntervalMs, sessionTimeoutMs, maxPollIntervalMs } = settings
    const timing = { heartbeatIntervalMs, sessionTimeoutMs, maxPollIntervalMs }
    const input = { access: cluster.access, groupId, groupInstanceId, ...timing, polls: board.memory }
    const handle = cluster.runtime.background.start(task, input, {
      received: (news) => this.#received(news),
      failed: () => this.#restart(),
    })
    const { tokens } = cluster.security
    if (tokens) this.#endTokens = tokens.follow((token) => handle.tell({ kind: 'token', token }))
    return handle
  }

  #received(news: HeartbeatNews): void {
    switch (news.kind) {
      case 'refused':
        this.#parts.onRefused(news.refusal, news.member)
        return
      case 'failed':
        this.#parts.onFailed(heardError(news.error), news.member)
        return
      case 'overdue':
        this.#parts.onOverdue(news.member)
        return
      case 'token wanted':
        void this.#handOver()
        return
      default:
        news satisfies never
    }
  }

  async #handOver(): Promise<void> {
    const order = await tokenOrder(this.#parts.cluster.security.tokens)
    this.#handle?.tell(order)
  }

  /** The background has said itself what went wrong with it. */
  #restart(): void {
    this.#endTokens()
    this.#handle = null
    this.#parts.cluster.runtime.clock.setTimer(restartMs, () => {
      const member = this.#member
      if (!member || this.#handle) return
      this.start(member)
      this.beatSoon()
    })
  }
}

async function tokenOrder(tokens: Tokens | null): Promise<ThreadTokenOrder> {
  try {
    if (tokens) return { kind: 'token', token: await tokens.current() }
    return { kind: 'no token', reason: 'this client has none' }
  } catch (error) {
    return { kind: 'no token', reason: (error as Error).message }
  }
}
