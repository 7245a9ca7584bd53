import type { RivvenError } from '@rivven/link'
import { pauseAfter } from '@rivven/link'
import { ErrorCode, type ProduceResponse } from '@rivven/protocol'
import type { Cluster } from '../net/cluster.js'
import { pauseOptions } from '../net/pauses.js'
import { FrameLimits } from './frame-limits.js'
import type { Identities } from './identities.js'
import type { LeaderWait } from './leader-wait.js'
import type { PartitionQueue } from './partition-queue.js'
import { lateError, leftOutError, lostError, refusedError } from './produce-errors.js'
import { isRefusal, isSequenceProblem, type Parcel, type PartitionAnswer } from './produce-request.js'
import type { BatchResult, ProducerBatch } from './producer-batch.js'
import type { ProducerSettings } from './producer-options.js'

export interface AttemptParts {
  cluster: Cluster
  settings: ProducerSettings
  identities: Identities
  leaders: LeaderWait
  wake: (queue: PartitionQueue) => void
  /** The batch is done with, well or not. */
  settled: (batch: ProducerBatch) => void
  /** A batch was too large for the broker and goes on as these. */
  split: (parts: readonly ProducerBatch[]) => void
}

/** Errors that say that a request never left. */
const neverSent = new Set(['CONNECTION_FAILED', 'BROKER_NOT_AVAILABLE', 'NO_BROKER_REACHABLE', 'UNSUPPORTED_BY_BROKER'])

/** What becomes of a batch after an attempt to send it: done, dropped, or sent again. */
export class Attempts {
  readonly #parts: AttemptParts
  readonly #limits: FrameLimits
  /** No batch is sent again, for this reason. */
  #end: RivvenError | null = null

  constructor(parts: AttemptParts) {
    this.#parts = parts
    this.#limits = new FrameLimits(parts.cluster)
  }

  /** From now on attempts that fail are the last ones of their batches; null: they are no longer. */
  endWith(error: RivvenError | null): void {
    this.#end = error
  }

  answered(parcel: Parcel, answer: PartitionAnswer | undefined, whole: ProduceResponse): void {
    const { queue, batch } = parcel
    const { leaders } = this.#parts
    if (answer === undefined) this.#tryAgain(parcel, leftOutError(queue), true)
    else if (answer.errorCode === ErrorCode.NONE) this.appended(parcel, answer.baseOffset, answer.logAppendTimeMs)
    else if (answer.errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) this.appended(parcel, -1, -1)
    else if (batch.stamp && isSequenceProblem(answer.errorCode))
      this.#outOfSequence(parcel, refusedError(parcel, answer))
    else if (isTooLarge(answer.errorCode) && batch.count > 1) this.#split(parcel, refusedError(parcel, answer))
    else if (leaders.takeHint(queue, answer, whole)) this.#failedAttempt(parcel, refusedError(parcel, answer), true)
    else this.#tryAgain(parcel, refusedError(parcel, answer), !isRefusal(answer.errorCode))
  }

  appended({ queue, batch }: Parcel, baseOffset: number, logAppendTimeMs: number): void {
    queue.acknowledged(batch)
    this.#finish(batch, { kind: 'appended', baseOffset, logAppendTimeMs })
  }

  /** The request got no answer: its batches may have been written, unless it never left. */
  notAnswered(broker: number, parcels: Parcel[], error: RivvenError): void {
    const maybeWritten = !neverSent.has(error.code)
    for (const parcel of parcels) {
      const { queue, batch } = parcel
      if (!queue.inFlight.includes(batch)) continue
      const refusal = error.code === 'CONNECTION_CLOSED' ? this.#limits.refusal(broker, batch) : null
      if (refusal) this.drop(queue, batch, refusal)
      else this.#tryAgain(parcel, lostError(queue, broker, error), maybeWritten)
      if (error.code === 'CONNECTION_CLOSED' && this.#limits.isSuspect(broker, batch)) this.#suspect(broker, parcel)
    }
  }

  /** What the broker ended the connection for may be the size: then it is not sent again. */
  #suspect(broker: number, { queue, batch }: Parcel): void {
    const dropIfTooLarge = () => {
      const refusal = this.#limits.refusal(broker, batch)
      if (refusal && queue.retries.includes(batch)) this.drop(queue, batch, refusal)
    }
    this.#limits.learn(broker).then(dropIfTooLarge, ignore)
  }

  /** It fails for good. */
  drop(queue: PartitionQueue, batch: ProducerBatch, error: RivvenError): void {
    queue.dropped(batch)
    this.#parts.identities.failed(batch, error)
    batch.fail(error)
    this.#parts.settled(batch)
  }

  /** In a transaction nothing starts over with another epoch: the transaction has to be aborted. */
  #outOfSequence({ queue, batch }: Parcel, error: RivvenError): void {
    batch.lastError = error
    const mayGoOn = this.#end === null && (batch.stamp?.isTransactional !== true || isBehind(queue, batch, error))
    if (mayGoOn && queue.outOfSequence(batch)) this.#pause(queue, error)
    else this.drop(queue, batch, this.#end ?? error)
  }

  #split({ queue, batch }: Parcel, error: RivvenError): void {
    if (this.#end !== null || (batch.stamp?.isTransactional && !queue.isLastStamped(batch))) {
      this.drop(queue, batch, this.#end ?? error)
      return
    }
    const parts = batch.split()
    queue.replaced(batch, parts)
    this.#parts.split(parts)
    this.#finish(batch, { kind: 'split', parts })
  }

  /** A failed attempt after which it pays to wait, and to ask who leads the partition. */
  #tryAgain(parcel: Parcel, error: RivvenError, maybeWritten: boolean): void {
    this.#failedAttempt(parcel, error, maybeWritten)
    if (parcel.queue.retries.length === 0) return
    this.#pause(parcel.queue, error)
    this.#parts.leaders.refresh()
  }

  #failedAttempt({ queue, batch }: Parcel, error: RivvenError, maybeWritten: boolean): void {
    batch.lastError = error
    if (maybeWritten) batch.maybeWritten = true
    const { deliveryTimeoutMs } = this.#parts.settings
    const age = this.#parts.cluster.runtime.clock.monotonic() - batch.createdAt
    if (!error.retriable) this.drop(queue, batch, error)
    else if (this.#end !== null) this.drop(queue, batch, this.#end)
    else if (age >= deliveryTimeoutMs) this.drop(queue, batch, lateError(batch, deliveryTimeoutMs))
    else queue.again(batch, maybeWritten)
  }

  /** Lets the partition rest before it is tried again. */
  #pause(queue: PartitionQueue, error: RivvenError): void {
    const { cluster, leaders } = this.#parts
    // A transaction that is still being ended is gone in no time, as a rule (transactions §16.2).
    const isSoon = queue.retries[0]?.lastError?.errorCode === ErrorCode.CONCURRENT_TRANSACTIONS
    const backoffMs = isSoon ? Math.min(20, cluster.retryBackoffMs) : cluster.retryBackoffMs
    leaders.rest(queue, pauseAfter(error, queue.failures, { ...pauseOptions(cluster), backoffMs }))
  }

  #finish(batch: ProducerBatch, result: BatchResult): void {
    batch.succeed(result)
    this.#parts.settled(batch)
  }
}

/** A batch whose sequence is refused because an earlier one is missing just has to come again. */
function isBehind(queue: PartitionQueue, batch: ProducerBatch, error: RivvenError): boolean {
  return error.errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && queue.hasEarlier(batch)
}

function isTooLarge(errorCode: number): boolean {
  return errorCode === ErrorCode.MESSAGE_TOO_LARGE || errorCode === ErrorCode.RECORD_LIST_TOO_LARGE
}

function ignore(): void {
  // The next failure asks again; until then the batch is sent again as any other.
}
