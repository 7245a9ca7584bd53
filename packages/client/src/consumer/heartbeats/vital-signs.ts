import type { RivvenError } from '@rivven/link'
import type { Cluster } from '../../net/cluster.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { BeatingMember, BeatRefusal } from './heartbeat-messages.js'
import { Heartbeats } from './heartbeats.js'
import { IdleProbes } from './idle-probes.js'
import { PollBoard } from './poll-board.js'
import { PollDeadline } from './poll-deadline.js'

export interface VitalSignsParts {
  cluster: Cluster
  settings: ConsumerSettings
  groupId: string
  /** The coordinator refused a heartbeat with an error about membership. */
  onRefused(refusal: BeatRefusal, member: BeatingMember): void
  /** Heartbeats fail for a reason that somebody has to mend. Told with each of them. */
  onFailed(error: RivvenError, member: BeatingMember): void
  /** The background found poll overdue, and has left the group unless this is a static member. */
  onGivenUp(member: BeatingMember): void
  /** This thread found poll overdue: it has to leave. */
  onPollOverdue(): void
}

/** What shows that a member is alive: heartbeats to the coordinator, and the application's calls of poll. */
export class VitalSigns {
  readonly #parts: VitalSignsParts
  readonly #board = new PollBoard()
  readonly #heartbeats: Heartbeats
  readonly #idleProbes: IdleProbes
  readonly #pollDeadline: PollDeadline

  constructor(parts: VitalSignsParts) {
    const { cluster, settings, groupId, onRefused, onFailed, onGivenUp, onPollOverdue } = parts
    const { clock } = cluster.runtime
    const board = this.#board
    this.#parts = parts
    const told = { onRefused, onFailed, onOverdue: onGivenUp }
    this.#heartbeats = new Heartbeats({ cluster, settings, groupId, board, ...told })
    this.#idleProbes = new IdleProbes(clock, settings.heartbeatIntervalMs, () => this.beatSoon())
    this.#pollDeadline = new PollDeadline({
      clock,
      board,
      maxMs: settings.maxPollIntervalMs,
      onLate: (awayMs) => this.#warnOfPoll(awayMs),
      onOverdue: onPollOverdue,
    })
  }

  /** Poll was not called for too long: membership is over, or will be in a moment. */
  get isOverdue(): boolean {
    return this.#board.isOverdue
  }

  /** False when it comes too late. */
  enterPoll(): boolean {
    return this.#board.enter()
  }

  leavePoll(now: number): void {
    this.#board.leave(now)
  }

  /** When the coordinator was last heard of, and the application in poll, in milliseconds before `now`. */
  ages(now: number): { heartbeatMs: number; pollMs: number } {
    return { heartbeatMs: this.#board.sinceBeatMs(now), pollMs: this.#board.awayMs(now) }
  }

  /** Joining begins: no heartbeats, but the application has to come back to poll. */
  join(): void {
    this.#heartbeats.pause()
    this.#idleProbes.stop()
    this.#heartbeats.prepare()
    this.#pollDeadline.start()
  }

  /** The coordinator has answered that this is a member. */
  heard(): void {
    this.#board.beaten(this.#parts.cluster.runtime.clock.monotonic())
  }

  /** A generation was joined. */
  start(member: BeatingMember): void {
    this.heard()
    this.#heartbeats.start(member)
  }

  /** The member has no partitions: it looks more often for a while. */
  probe(): void {
    this.#idleProbes.start()
  }

  beatSoon(): void {
    this.#heartbeats.beatSoon()
  }

  /** Out of the generation. */
  pause(): void {
    this.#heartbeats.pause()
  }

  /** Poll is known to be overdue. */
  stopWatchingPoll(): void {
    this.#pollDeadline.stop()
  }

  stop(): void {
    this.#heartbeats.stop()
    this.#idleProbes.stop()
    this.#pollDeadline.stop()
  }

  #warnOfPoll(awayMs: number): void {
    const { settings, groupId } = this.#parts
    const { maxPollIntervalMs, logger } = settings
    const text = `poll was not called for ${Math.round(awayMs)} ms: at ${maxPollIntervalMs} ms (maxPollIntervalMs) this consumer leaves group ${groupId}. Take fewer records at a time (maxPollRecords) or raise maxPollIntervalMs.`
    logger.warn(text, { group: groupId, maxPollIntervalMs })
  }
}
