import type { RivvenError } from '@rivven/link'
import type { ClusterImage } from '../../net/cluster-image.js'
import { awaitedMembers } from './awaited-members.js'
import { type JoinEnd, JoinLoop, type JoinLoopParts } from './join-loop.js'
import type { Standing } from './standing.js'
import { type GroupWaiting, WaitWatch } from './wait-watch.js'

export interface JoiningParts extends Omit<JoinLoopParts, 'member' | 'onStep'> {
  standing: Standing
  /** It begins. */
  onStart(): void
  /** The coordinator has admitted it to a generation. */
  onAdmitted(): void
  /** A generation was joined; poll has yet to take its assignment. */
  onJoined(): void
}

/** A member on its way into a generation: one attempt at a time, that goes on between polls. */
export class Joining {
  readonly #parts: JoiningParts
  readonly #loop: JoinLoop
  readonly #waits: WaitWatch
  #attempt: AbortController | null = null

  constructor(parts: JoiningParts) {
    const { cluster, settings, standing } = parts
    const { groupId } = parts.requests
    const { clock, random } = cluster.runtime
    const { member } = standing
    this.#parts = parts
    this.#loop = new JoinLoop({
      ...parts,
      member,
      onStep: (state) => {
        standing.step(state)
        if (state === 'syncing') parts.onAdmitted()
        this.#waits.start()
      },
    })
    const ask = () => awaitedMembers(cluster, groupId, member.memberId)
    this.#waits = new WaitWatch({ groupId, clock, random, logger: settings.logger, ask })
  }

  get isLeader(): boolean {
    return this.#loop.isLeader
  }

  /** Whether this member leads, and partitions may be left to nobody until their owners have given them up. */
  get hasLeftOvers(): boolean {
    return this.#loop.hasLeftOvers
  }

  /** Whether the leader would have other partitions to assign by now; says so once for each change. */
  hasOtherPartitions(image: ClusterImage): boolean {
    return this.#loop.hasOtherPartitions(image)
  }

  /** Whom it waits for, when joining takes long. */
  waiting(now: number): GroupWaiting | null {
    return this.#waits.waiting(now)
  }

  start(): void {
    const { standing, onStart } = this.#parts
    const attempt = new AbortController()
    // Two at once would fence each other.
    this.#attempt?.abort()
    this.#attempt = attempt
    onStart()
    void this.#loop.run(standing.cause, attempt.signal).then((end) => this.#ended(end))
  }

  abort(): void {
    this.#attempt?.abort()
  }

  /** Without a word to anybody. */
  stop(): void {
    this.abort()
    this.#waits.stop()
  }

  /** Says goodbye for this id ('': none), and for one that comes too late. */
  leave(memberId: string, reason: string, timeoutMs: number): Promise<void> {
    return this.#loop.leave(memberId, reason, timeoutMs)
  }

  #ended(end: JoinEnd): void {
    const { troubles, bell, standing, onJoined } = this.#parts
    if (end.kind === 'aborted') return
    this.#waits.stop()
    troubles.isWell('join')
    if (end.kind === 'joined') {
      standing.joined = end.joined
      standing.state = 'assigned'
      onJoined()
    } else {
      // Poll tells the application what it lost, or throws the reason; then it tries again.
      standing.state = 'unjoined'
      standing.rejoin ??= end.kind === 'lost' ? standing.member.lossReason : standing.cause
      if (end.kind === 'failed') this.#failed(end.error)
    }
    bell.ring()
  }

  #failed(error: RivvenError): void {
    if (error.fatal) this.#parts.standing.fail(error)
    else this.#parts.troubles.report(error)
  }
}
