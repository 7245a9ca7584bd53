import { ErrorCode } from '@rivven/protocol'
import type { Runtime, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { PartitionLog } from '../../log/partition-log.js'
import { enact, enactInTurns, fewEvents } from './enact.js'
import { loadShard } from './load-shard.js'
import { RecordWriter } from './record-writer.js'
import type { Asker, Call, Now, ShardDecision, ShardRules, WrittenRecord } from './shard-rules.js'
import { ShardTimer } from './shard-timer.js'
import { WaitingRequests } from './waiting-requests.js'

export interface ShardHostOptions<Shard, Event, Decision extends ShardDecision<Event>> {
  readonly log: PartitionLog
  readonly runtime: Runtime
  readonly logger: Logger
  readonly rules: ShardRules<Shard, Event, Decision>
  /** Asked before a timer acts: where this broker may have been replaced nobody's time is over. Default: it serves. */
  readonly isServing?: (() => boolean) | undefined
}

export type { Asker } from './shard-rules.js'

/** What a command needs besides its request. */
export interface Command<Shard, Decision, Request, Response> {
  run(shard: Shard, call: Call<Request>): Decision
  /** The answer to give instead, for the error of an append too. */
  refuse(errorCode: number): Response
  /** The answer says nothing of stored state, so it need not wait for the disk (heartbeats). */
  readonly isImmediate?: boolean
  /** Default COORDINATOR_LOAD_IN_PROGRESS. */
  readonly whileLoading?: number
}

type Act<Shard, Decision> = (shard: Shard, now: Now) => Decision

const retryMs = 1_000

/**
 * Owns what one partition of a coordinator's topic holds (groups, or transactions): runs commands one at a time, replays their events at once,
 * appends these, and sends replies when they are durable. A failed append drops the state and loads it from the log again,
 * so no command needs a way back.
 */
export class ShardHost<Shard, Event, Decision extends ShardDecision<Event>> {
  readonly #options: ShardHostOptions<Shard, Event, Decision>
  readonly #rules: ShardRules<Shard, Event, Decision>
  readonly #timer: ShardTimer
  #shard: Shard
  #writer: RecordWriter
  /**
   * NONE: requests are taken. Else why not: COORDINATOR_LOAD_IN_PROGRESS, also while it waits for its turn to load, or
   * NOT_COORDINATOR.
   */
  #unavailable: number = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  /** What was appended before is durable, as far as this host knows. */
  #durableEnd: number | undefined
  readonly #waiting = new WaitingRequests()
  /** Of a decision with many events, while it is put into effect: what comes meanwhile waits for it, in order. Never rejects. */
  #enacting: Promise<void> | undefined
  #postponed: Act<Shard, Decision>[] = []
  #retry: Timer | undefined

  constructor(options: ShardHostOptions<Shard, Event, Decision>) {
    this.#options = options
    this.#rules = options.rules
    this.#timer = new ShardTimer(options.runtime.clock, () => this.#wake())
    this.#shard = this.#rules.create()
    this.#writer = this.#newWriter()
  }

  get isLoaded(): boolean {
    return this.#unavailable === ErrorCode.NONE
  }

  /** For reads of what it holds. Only while loaded. */
  get shard(): Shard {
    return this.#shard
  }

  /** Replays the log, then takes requests. If the log cannot be read, resolves too, and tries again later. */
  async load(): Promise<void> {
    const { log } = this.#options
    this.#unavailable = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    this.#startOver()
    // When it has been opened again it may hold more than was durable before.
    if (log.health === 'passing') return this.#loadLater()
    const shard = this.#shard
    try {
      // Of a disk that failed only what was durable before counts: the rest may be gone after the next start.
      const endOffset = log.health === 'sound' ? log.logEndOffset : (this.#durableEnd ?? log.logEndOffset)
      this.#durableEnd = endOffset
      await loadShard(this.#rules, shard, log, {
        endOffset,
        clock: this.#options.runtime.clock,
        skipped: this.#tellSkipped,
      })
    } catch (error) {
      // Lost meanwhile: whoever leads it now loads it.
      if (shard !== this.#shard || this.#unavailable !== ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) return
      this.#tell(`${this.#rules.what} cannot be loaded`, error)
      this.#loadLater()
      return
    }
    if (shard !== this.#shard || this.#unavailable !== ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) return
    this.#unavailable = ErrorCode.NONE
    this.act((loaded, now) => this.#rules.loaded(loaded, now))
    for (const act of this.#postponed.splice(0)) this.act(act)
    this.#timer.set(this.#rules.earliestDeadline(this.#shard))
  }

  /** The partition is led elsewhere, or the broker ends: what is on its way is answered, who is parked gets NOT_COORDINATOR. */
  async unload(): Promise<void> {
    this.#unavailable = ErrorCode.NOT_COORDINATOR
    this.#timer.cancel()
    this.#retry?.cancel()
    this.#postponed = []
    await this.#enacting
    await this.#writer.settled()
    this.#drop()
    this.#durableEnd = undefined
  }

  /** Runs a command: the answer itself where it can leave at once, else a promise of it. */
  run<Request, Response>(
    command: Command<Shard, Decision, Request, Response>,
    request: Request,
    context: Asker,
  ): Response | Promise<Response> {
    if (this.#unavailable !== ErrorCode.NONE) return command.refuse(this.#refusalOf(command.whileLoading))
    if (this.#enacting) return this.#enacting.then(() => this.run(command, request, context))
    const ticket = this.#waiting.newTicket()
    const decision = command.run(this.#shard, { ticket, request, context, now: this.#now() })
    const { events, replies } = decision
    const mayLeave = command.isImmediate || this.#writer.isIdle
    if (events.length === 0 && replies.length === 1 && replies[0]!.ticket === ticket && mayLeave) {
      this.#after(decision)
      return replies[0]!.response as Response
    }
    return new Promise<Response>((resolve) => {
      this.#waiting.add(ticket, { answer: resolve as (response: unknown) => void, refuse: command.refuse })
      // A throw in here rejects the promise: the router closes that connection.
      this.#apply(decision)
    })
  }

  /** A read of stored state: what it shows must be durable before it is shown. */
  read<Result>(look: (shard: Shard) => Result, refuse: (errorCode: number) => Result): Result | Promise<Result> {
    if (this.#unavailable !== ErrorCode.NONE) return refuse(this.#unavailable)
    if (this.#enacting) return this.#enacting.then(() => this.read(look, refuse))
    const result = look(this.#shard)
    if (this.#writer.isIdle) return result
    return new Promise<Result>((resolve) => {
      this.#writer.reply({ answer: resolve as (response: unknown) => void, refuse }, result)
    })
  }

  /** What the shard does of itself (sweeps); nobody waits for it, so an error is only told. Only while loaded. */
  act(decide: Act<Shard, Decision>): void {
    if (this.#unavailable !== ErrorCode.NONE) return
    if (this.#enacting) {
      void this.#enacting.then(() => this.act(decide))
      return
    }
    try {
      this.#apply(decide(this.#shard, this.#now()))
    } catch (error) {
      this.#tell(`a bug in what ${this.#rules.what} do of themselves`, error)
    }
  }

  /** The same for what must not be missed (deleted topics): a shard that is being loaded does it then. */
  actInAnyCase(decide: Act<Shard, Decision>): void {
    if (this.#unavailable === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) this.#postponed.push(decide)
    else if (this.#enacting) void this.#enacting.then(() => this.actInAnyCase(decide))
    else this.act(decide)
  }

  #apply(decision: Decision): void {
    const { events } = decision
    if (events.length > fewEvents) this.#enacting = this.#applyInTurns(decision, this.#shard)
    else this.#applied(decision, enact(this.#rules, this.#shard, events))
  }

  /** Where the shard is dropped meanwhile, so are the requests: they have their answers. */
  async #applyInTurns(decision: Decision, shard: Shard): Promise<void> {
    const { clock } = this.#options.runtime
    try {
      const records = await enactInTurns(this.#rules, shard, decision.events, clock)
      if (shard === this.#shard) this.#applied(decision, records)
    } catch (error) {
      this.#tell(`a bug in a command of ${this.#rules.what}`, error)
      for (const { ticket } of decision.replies) this.#waiting.refuse(ticket, ErrorCode.UNKNOWN_SERVER_ERROR)
    } finally {
      if (shard === this.#shard) this.#enacting = undefined
    }
  }

  #applied(decision: Decision, records: readonly WrittenRecord[]): void {
    if (records.length > 0) this.#writer.add(records, decision.isWhole)
    for (const { ticket, response } of decision.replies) {
      const request = this.#waiting.take(ticket)
      if (request) this.#writer.reply(request, response)
    }
    this.#after(decision)
  }

  #after(decision: Decision): void {
    const { deadline } = decision
    if (deadline !== undefined) this.#timer.atLatest(deadline)
    this.#rules.took(decision, this.#shard, this.#now())
    const afterwards = this.#rules.afterwards(decision)
    if (afterwards) this.#writer.reply({ answer: (isStored) => isStored && afterwards(), refuse: () => false }, true)
  }

  #wake(): void {
    if (this.#enacting) {
      void this.#enacting.then(() => this.#wake())
      return
    }
    const now = this.#now()
    // Who leads is known in moments: then the shard goes on, or goes.
    if (this.#options.isServing?.() === false) {
      this.#timer.set(now.monotonic + retryMs)
      return
    }
    let hasFailed = false
    for (const id of this.#rules.due(this.#shard, now.monotonic)) {
      if (this.#enacting) break
      try {
        this.#apply(this.#rules.tick(this.#shard, id, now))
      } catch (error) {
        hasFailed = true
        this.#tell(`a bug in a timer of ${this.#rules.what}: ${id}`, error)
      }
    }
    if (this.#enacting) {
      this.#wake()
      return
    }
    const earliest = this.#rules.earliestDeadline(this.#shard)
    this.#timer.set(hasFailed ? Math.max(earliest, now.monotonic + retryMs) : earliest)
  }

  #failed(errorCode: number, error: unknown): void {
    this.#tell(`records of ${this.#rules.what} could not be stored (error ${errorCode})`, error)
    this.#durableEnd = this.#writer.durableEnd ?? this.#durableEnd
    this.#timer.cancel()
    this.#drop()
    if (this.#unavailable === ErrorCode.NOT_COORDINATOR) return
    if (this.#options.log.isWritable) void this.load()
    else this.#loadLater()
  }

  #loadLater(): void {
    this.#unavailable = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    this.#retry?.cancel()
    this.#retry = this.#options.runtime.clock.setTimer(retryMs, () => void this.load())
  }

  /** Whoever is parked looks for its coordinator again; what is being decided counts no more. */
  #drop(): void {
    const decision = this.#rules.unload(this.#shard)
    this.#after(decision)
    for (const { ticket, response } of decision.replies) this.#waiting.take(ticket)?.answer(response)
    this.#waiting.refuseAll(ErrorCode.NOT_COORDINATOR)
    this.#startOver()
  }

  #startOver(): void {
    this.#shard = this.#rules.create()
    this.#writer = this.#newWriter()
    this.#enacting = undefined
  }

  #newWriter(): RecordWriter {
    const { log, runtime } = this.#options
    const failed = (errorCode: number, error: unknown) => this.#failed(errorCode, error)
    return new RecordWriter({ log, now: () => runtime.clock.now(), failed })
  }

  #refusalOf(whileLoading: number = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS): number {
    return this.#unavailable === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? whileLoading : this.#unavailable
  }

  #now(): Now {
    const { clock } = this.#options.runtime
    return { wall: clock.now(), monotonic: clock.monotonic() }
  }

  #tell(what: string, error: unknown): void {
    this.#options.logger.error({ partition: this.#options.log.partition, error }, what)
  }

  readonly #tellSkipped = (offset: number, error: unknown): void => {
    const { topic, partition } = this.#options.log
    const where = `${topic}-${partition}, offset ${offset}`
    this.#tell(`a record of ${this.#rules.what} cannot be read (${where}); what it changed is as it was before`, error)
  }
}
