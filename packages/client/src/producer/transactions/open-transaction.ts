import type { RivvenError } from '@rivven/link'
import { manyListenersAborter } from '@rivven/link'
import type { ConsumerPosition } from '../../consumer/offsets/consumer-position.js'
import type { ProducerIdentity } from '../partition-queue.js'

/**
 * Where a transaction stands.
 *
 *     open → flushing → committing → over        (flushing goes back to open when a record failed)
 *       ↘ aborting → over
 *
 * In `committing` and `aborting` EndTxn may have been decided without our knowing: the same call may be made again, the
 * other one not.
 */
export type TransactionPhase = 'open' | 'flushing' | 'committing' | 'aborting' | 'over'

/** What is known of a transaction between its begin and its end. */
export class OpenTransaction {
  readonly identity: ProducerIdentity
  /** 1: partitions are announced to the coordinator. 2: writing is enough (KIP-890). */
  readonly level: 1 | 2
  phase: TransactionPhase = 'open'
  /** The coordinator may know of it: it has to be ended there. */
  isRegistered = false
  /** Something was sent of which it is not known whether it was done. */
  isUnsure = false
  /** Rejects when it can only be aborted. */
  readonly failed: Promise<never>
  /** Offsets on their way. */
  readonly commits = new Set<Promise<void>>()
  /** Told when their offsets are committed. */
  readonly positions: ConsumerPosition[] = []
  readonly #abandon = manyListenersAborter()
  #failure: RivvenError | null = null
  #reject!: (error: RivvenError) => void

  constructor(identity: ProducerIdentity, level: 1 | 2) {
    this.identity = identity
    this.level = level
    this.failed = new Promise((_, reject) => {
      this.#reject = reject
    })
    this.failed.catch(ignore)
  }

  /** Why it can only be aborted; null while it may be committed. */
  get failure(): RivvenError | null {
    return this.#failure
  }

  /** Aborts when there is no use in trying on. */
  get abandoned(): AbortSignal {
    return this.#abandon.signal
  }

  /** Whether batches may leave. */
  get isSending(): boolean {
    return this.#failure === null && (this.phase === 'open' || this.phase === 'flushing')
  }

  fail(error: RivvenError): void {
    if (this.#failure) return
    this.#failure = error
    this.#reject(error)
  }

  abandon(): void {
    this.phase = 'aborting'
    this.#abandon.abort()
  }
}

function ignore(): void {
  // Only a commit that waits wants to know.
}
