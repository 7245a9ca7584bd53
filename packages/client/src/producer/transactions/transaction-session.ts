import { asRivvenError, RivvenError } from '@rivven/link'
import type { ConsumerPosition } from '../../consumer/offsets/consumer-position.js'
import type { Cluster } from '../../net/cluster.js'
import type { Identities } from '../identities.js'
import type { PartitionQueue, ProducerIdentity } from '../partition-queue.js'
import type { ProducerBatch } from '../producer-batch.js'
import type { AppendedRange, ProducerRecord, RecordMetadata } from '../record.js'
import { AddedPartitions } from './added-partitions.js'
import { CoordinatorCalls } from './coordinator-calls.js'
import { endTransaction } from './end-transaction.js'
import { initProducerId } from './init-producer-id.js'
import { OffsetCommits } from './offset-commits.js'
import { OpenTransaction } from './open-transaction.js'
import { abortableError, fatalError, produceVerdict, wrongState } from './transaction-errors.js'

/** What the producer does for its transactions. */
export interface TransactionalProducer {
  send(record: ProducerRecord): Promise<RecordMetadata>
  sendMany(records: readonly ProducerRecord[]): Promise<AppendedRange[]>
  flush(): Promise<void>
  /** Fails all that waits; resolves when what is in flight has ended, too. */
  discard(error: RivvenError): Promise<void>
  /** A new identity for all partitions. */
  identify(identity: ProducerIdentity): void
  wake(queue: PartitionQueue): void
  /** Batches may leave (again). */
  goOn(): void
}

export interface SessionSettings {
  transactionalId: string
  transactionTimeoutMs: number
  maxBlockMs: number
}

/** The transactions of one producer, one after the other, and the identity under which they are written. */
export class TransactionSession implements Identities {
  readonly transactionalId: string
  readonly #settings: SessionSettings
  readonly #producer: TransactionalProducer
  readonly #calls: CoordinatorCalls
  readonly #offsets: OffsetCommits
  #identity: ProducerIdentity | null = null
  #level: 1 | 2 = 1
  /** The identity was used for something of unknown outcome: it needs another epoch. */
  #needsBump = false
  #isBeginning = false
  #open: OpenTransaction | null = null
  #added: AddedPartitions | null = null
  #fatal: RivvenError | null = null

  constructor(cluster: Cluster, settings: SessionSettings, producer: TransactionalProducer) {
    this.transactionalId = settings.transactionalId
    this.#settings = settings
    this.#producer = producer
    this.#calls = new CoordinatorCalls(cluster, settings.transactionalId, settings.maxBlockMs)
    this.#offsets = new OffsetCommits(cluster, this.#calls, settings.maxBlockMs)
  }

  get maxProduceVersion(): number {
    return this.#level === 2 ? 12 : 11
  }

  /** The transaction that is neither committed nor aborted, if any. */
  get open(): OpenTransaction | null {
    return this.#open
  }

  current(): ProducerIdentity | null {
    return this.#open?.isSending ? this.#open.identity : null
  }

  admits(queue: PartitionQueue): boolean {
    const open = this.#open
    if (!open?.isSending) return false
    if (open.level === 1) return this.#added!.admits(queue)
    open.isRegistered = true
    return true
  }

  failed(batch: ProducerBatch, error: RivvenError): void {
    const open = this.#open
    if (!open) return
    if (batch.stamp) open.isUnsure = true
    if (error === open.failure) return // dropped with the others: that was judged
    if (open.phase !== 'aborting') this.fail(open, error, produceVerdict(error.errorCode))
  }

  async begin(): Promise<OpenTransaction> {
    this.#mustWork()
    if (this.#open || this.#isBeginning) {
      throw wrongState('A transaction of this producer is open.', 'Commit or abort it before the next one.')
    }
    this.#isBeginning = true
    try {
      const level = await this.#calls.level()
      if (!this.#identity || this.#needsBump || level !== this.#level) await this.#initialize()
      this.#level = level
    } catch (error) {
      throw this.#noteFatal(asRivvenError(error, `Beginning a transaction of ${this.transactionalId}`))
    } finally {
      this.#isBeginning = false
    }
    const open = new OpenTransaction(this.#identity!, this.#level)
    const wake = (queue: PartitionQueue) => this.#producer.wake(queue)
    this.#added = new AddedPartitions(this.#calls, open, { wake, fail: (error) => this.fail(open, error) })
    // Nothing leaves any more, also not again: whoever waits for all of it must not wait for the end of their time.
    open.failed.catch((error: RivvenError) => this.#producer.discard(error))
    this.#open = open
    // What an abort emptied may still stand in line, where nobody looked any more.
    this.#producer.goOn()
    return open
  }

  async send<T>(open: OpenTransaction, send: (producer: TransactionalProducer) => Promise<T>): Promise<T> {
    this.#mustBeOpen(open)
    try {
      return await send(this.#producer)
    } catch (error) {
      throw this.fail(open, asRivvenError(error, 'Sending within the transaction'))
    }
  }

  async commitOffsets(open: OpenTransaction, position: ConsumerPosition): Promise<void> {
    this.#mustBeOpen(open)
    if (position.offsets.length === 0) return
    const commit = this.#offsets.commit(open, position)
    open.commits.add(commit)
    try {
      await commit
      open.positions.push(position)
    } catch (error) {
      throw this.fail(open, asRivvenError(error, 'Committing offsets with the transaction'))
    } finally {
      open.commits.delete(commit)
    }
  }

  async commit(open: OpenTransaction): Promise<void> {
    this.#mustBeCurrent(open)
    if (open.failure) throw open.failure
    if (open.phase === 'aborting') throw wrongState('The transaction is being aborted.', 'Call abort() again.')
    if (open.phase !== 'committing') await this.#flush(open)
    await this.#end(open, true)
    for (const position of open.positions) position.committed?.()
  }

  async abort(open: OpenTransaction): Promise<void> {
    this.#mustBeCurrent(open)
    if (open.phase === 'committing' && !open.failure) {
      const text = 'The commit of the transaction was sent and may have been decided.'
      throw wrongState(text, 'Call commit() again.')
    }
    open.abandon()
    const text = 'The record was dropped: its transaction is being aborted.'
    await this.#producer.discard(new RivvenError('ABORTED', text))
    await this.#added?.settled()
    await Promise.allSettled(open.commits)
    this.#mustWork()
    await this.#end(open, false)
  }

  /** Nobody has it in hand to end it: whoever takes over the id next does, by which the coordinator ends it first (KIP-360). */
  leave(open: OpenTransaction): void {
    if (open !== this.#open) return
    this.#needsBump = true
    this.#forget(open)
  }

  /** The transaction, or this producer, cannot go on; returns the error that says so from now on. */
  fail(open: OpenTransaction, error: RivvenError, verdict = error.fatal ? 'fatal' : 'abortable'): RivvenError {
    if (verdict === 'fatal') return this.#noteFatal(fatalError(error))
    if (this.#fatal) return this.#fatal
    open.fail(abortableError(error))
    return open.failure ?? error
  }

  /** Waits for all records and offsets of the transaction, or for the first that fails. */
  async #flush(open: OpenTransaction): Promise<void> {
    open.phase = 'flushing'
    const all = Promise.all([this.#producer.flush(), this.#added?.settled(), ...open.commits])
    try {
      await Promise.race([all, open.failed])
      if (open.failure) throw open.failure
    } catch (error) {
      if (open.phase === 'flushing') open.phase = 'open'
      throw this.#fatal ?? open.failure ?? error
    }
    // An abort may have come in between.
    if (open.phase !== 'flushing') throw wrongState('The transaction was aborted.', 'Begin a new one.')
  }

  async #end(open: OpenTransaction, isCommit: boolean): Promise<void> {
    if (isCommit) open.phase = 'committing'
    const isFirstLevel = open.level === 1
    if (open.isRegistered) await this.#endAtCoordinator(open, isCommit)
    // An epoch that was not left behind could let in what is still on its way (KIP-360).
    if (isFirstLevel && !isCommit && (open.failure || open.isUnsure)) this.#needsBump = true
    this.#forget(open)
  }

  #forget(open: OpenTransaction): void {
    open.phase = 'over'
    this.#open = null
    this.#added = null
  }

  async #endAtCoordinator(open: OpenTransaction, isCommit: boolean): Promise<void> {
    try {
      const next = await endTransaction(this.#calls, open, isCommit)
      if (next) this.#adopt(next)
    } catch (error) {
      const problem = asRivvenError(error, 'Ending the transaction')
      if (problem.fatal) throw this.#noteFatal(problem)
      if (!problem.retriable) throw this.fail(open, problem)
      throw undecided(problem, isCommit)
    }
  }

  async #initialize(): Promise<void> {
    const { transactionTimeoutMs } = this.#settings
    this.#adopt(await initProducerId(this.#calls, transactionTimeoutMs, this.#identity))
    this.#needsBump = false
  }

  #adopt(identity: ProducerIdentity): void {
    this.#identity = identity
    this.#producer.identify(identity)
  }

  /** From the first fatal error on every call fails with it. */
  #noteFatal(error: RivvenError): RivvenError {
    if (!error.fatal) return error
    if (!this.#fatal) {
      this.#fatal = error
      this.#open?.fail(error)
    }
    return this.#fatal
  }

  #mustWork(): void {
    if (this.#fatal) throw this.#fatal
  }

  #mustBeCurrent(open: OpenTransaction): void {
    this.#mustWork()
    if (open !== this.#open) throw wrongState('The transaction is over.', 'Begin a new one.')
  }

  #mustBeOpen(open: OpenTransaction): void {
    this.#mustBeCurrent(open)
    if (open.failure) throw open.failure
    if (open.phase !== 'open') throw wrongState('The transaction is being ended.', 'Begin a new one.')
  }
}

function undecided(cause: RivvenError, isCommit: boolean): RivvenError {
  const [done, call] = isCommit ? ['committed', 'commit()'] : ['aborted', 'abort()']
  const text = `Whether the transaction was ${done} is not known. ${cause.message}`
  const hint = `Call ${call} again: it goes on until that is decided.`
  return new RivvenError(cause.code, text, { retriable: true, hint, cause, facts: cause.facts })
}
