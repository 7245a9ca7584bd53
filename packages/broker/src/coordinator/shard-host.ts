import {
  type Call,
  createShard,
  type Decision,
  deadlineOf,
  encodeEvent,
  type GroupConfig,
  type GroupShard,
  groupAppendError,
  loaded,
  type Now,
  type RebalanceNote,
  replay,
  type Ticket,
  tick,
  unload,
} from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import type { Runtime, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { PartitionLog } from '../log/partition-log.js'
import { loadShard } from './load-shard.js'
import { RecordWriter } from './record-writer.js'
import type { WaitingRequest } from './waiting-request.js'

export interface ShardHostOptions {
  readonly log: PartitionLog
  readonly runtime: Runtime
  readonly config: GroupConfig
  readonly logger: Logger
}

/** Who asks, as far as groups need to know. */
export type Asker = Call<unknown>['context']

/** What a command needs besides its request. */
export interface Command<Request, Response> {
  run(shard: GroupShard, call: Call<Request>): Decision
  refuse(errorCode: number): Response
  /** The answer says nothing of stored state, so it need not wait for the disk (heartbeats). */
  readonly isImmediate?: boolean
}

const retryLoadMs = 1_000
const stallMs = 200
const readSocketsMs = 50

/**
 * Owns the groups of one partition of `__consumer_offsets`: runs commands one at a time, replays their events at once,
 * appends these, and sends replies when they are durable. A failed append drops the state and loads it from the log again,
 * so no command needs a way back.
 */
export class ShardHost {
  readonly #options: ShardHostOptions
  #shard: GroupShard
  #writer: RecordWriter
  #isLoaded = false
  #isClosed = false
  readonly #waiting = new Map<Ticket, WaitingRequest>()
  #lastTicket = 0
  #timer: Timer | undefined
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(options: ShardHostOptions) {
    this.#options = options
    this.#shard = this.#newShard()
    this.#writer = this.#newWriter()
  }

  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** For reads of what groups hold. Only while loaded. */
  get shard(): GroupShard {
    return this.#shard
  }

  /** Replays the log, then takes requests. */
  async load(): Promise<void> {
    const { log, runtime } = this.#options
    await loadShard(this.#shard, log, () => new Promise((resolve) => runtime.clock.setTimer(0, resolve)))
    this.#isLoaded = true
    this.#apply(loaded(this.#shard, this.#now()))
    this.#wakeFor(this.#earliestDeadline())
  }

  /** Runs a command: the answer itself where it can leave at once, else a promise of it. */
  run<Request, Response>(
    command: Command<Request, Response>,
    request: Request,
    context: Asker,
  ): Response | Promise<Response> {
    const ticket = ++this.#lastTicket
    const decision = command.run(this.#shard, { ticket, request, context, now: this.#now() })
    const { events, replies } = decision
    const mayLeave = command.isImmediate || this.#writer.isIdle
    if (events.length === 0 && replies.length === 1 && replies[0]!.ticket === ticket && mayLeave) {
      this.#after(decision)
      return replies[0]!.response as Response
    }
    return new Promise<Response>((resolve) => {
      this.#waiting.set(ticket, { answer: resolve as (response: unknown) => void, refuse: command.refuse })
      // A throw in here rejects the promise: the router closes that connection.
      this.#apply(decision)
    })
  }

  /** What the shard does of itself: sweeps, deleted topics. */
  act(decide: (shard: GroupShard, now: Now) => Decision): void {
    if (this.#isLoaded) this.#apply(decide(this.#shard, this.#now()))
  }

  /** A read of stored state: what it shows must be durable before it is shown. */
  read<Result>(look: (shard: GroupShard) => Result): Result | Promise<Result> {
    const result = look(this.#shard)
    if (this.#writer.isIdle) return result
    return new Promise<Result>((resolve, reject) => {
      const refuse = (errorCode: number) => {
        reject(new Error(`What was read could not be stored: error ${errorCode}`))
        return result
      }
      this.#writer.reply({ answer: resolve as (response: unknown) => void, refuse }, result)
    })
  }

  /** Ends timers, answers whoever waits with NOT_COORDINATOR, and waits for what is on its way to the disk. */
  async unload(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#writer.settled()
    this.#drop()
  }

  #apply(decision: Decision): void {
    // Encoded before anything changes: what cannot be written down must not happen.
    const records = decision.events.map(encodeEvent)
    for (const event of decision.events) replay(this.#shard, event)
    if (records.length > 0) this.#writer.add(records)
    for (const { ticket, response } of decision.replies) {
      const request = this.#waiting.get(ticket)
      this.#waiting.delete(ticket)
      if (request) this.#writer.reply(request, response)
    }
    this.#after(decision)
  }

  #after({ deadline, notes }: Decision): void {
    if (deadline !== undefined && deadline < this.#wakeAt) this.#wakeFor(deadline)
    if (notes) for (const note of notes) this.#tell(note)
  }

  /** One timer for all groups. Sessions that are renewed only move deadlines later: then it wakes too early, and looks again. */
  #wakeFor(deadline: number): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#wakeAt = deadline
    if (deadline === Number.POSITIVE_INFINITY || this.#isClosed) return
    const { clock } = this.#options.runtime
    this.#timer = clock.setTimer(Math.max(0, deadline - clock.monotonic()), () => this.#wakeInTime(deadline))
  }

  /**
   * A timer that fires late means that the event loop stood still: heartbeats may lie unread in their sockets, and their
   * members must not be expired before these are read (invariant 7).
   */
  #wakeInTime(deadline: number): void {
    const { clock } = this.#options.runtime
    if (clock.monotonic() - deadline < stallMs) this.#wake()
    else this.#timer = clock.setTimer(readSocketsMs, () => this.#wake())
  }

  #wake(): void {
    const now = this.#now()
    this.#wakeAt = Number.POSITIVE_INFINITY
    for (const groupId of [...this.#shard.groups.keys()]) {
      if (deadlineOf(this.#shard, groupId) <= now.monotonic) this.#apply(tick(this.#shard, groupId, now))
    }
    this.#wakeFor(this.#earliestDeadline())
  }

  #earliestDeadline(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const { nextDeadline } of this.#shard.groups.values()) if (nextDeadline < earliest) earliest = nextDeadline
    return earliest
  }

  #failed(errorCode: number): void {
    this.#options.logger.error(
      { partition: this.#options.log.partition, errorCode },
      'records of groups could not be stored; the groups of this partition are loaded again',
    )
    this.#isLoaded = false
    this.#drop()
    this.#shard = this.#newShard()
    this.#writer = this.#newWriter()
    void this.#loadAgain()
  }

  async #loadAgain(): Promise<void> {
    try {
      await this.load()
    } catch (error) {
      this.#options.logger.error({ partition: this.#options.log.partition, error }, 'groups could not be loaded')
      this.#shard = this.#newShard()
      if (!this.#isClosed) this.#options.runtime.clock.setTimer(retryLoadMs, () => void this.#loadAgain())
    }
  }

  /** Whoever is parked looks for its coordinator again. */
  #drop(): void {
    this.#timer?.cancel()
    for (const { ticket, response } of unload(this.#shard).replies) {
      this.#waiting.get(ticket)?.answer(response)
      this.#waiting.delete(ticket)
    }
    for (const request of this.#waiting.values()) request.answer(request.refuse(ErrorCode.NOT_COORDINATOR))
    this.#waiting.clear()
  }

  #newShard(): GroupShard {
    const { runtime, config } = this.#options
    return createShard({ newId: () => runtime.random.uuid(), config })
  }

  #newWriter(): RecordWriter {
    const { log, runtime } = this.#options
    return new RecordWriter({
      log,
      now: () => runtime.clock.now(),
      failed: (errorCode) => this.#failed(groupAppendError(errorCode)),
    })
  }

  #now(): Now {
    const { clock } = this.#options.runtime
    return { wall: clock.now(), monotonic: clock.monotonic() }
  }

  #tell(note: RebalanceNote): void {
    this.#options.logger.info(note, `group ${note.groupId}: ${note.kind}`)
  }
}
