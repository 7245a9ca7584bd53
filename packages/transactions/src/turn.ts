import type { Decision, Now, Reply, Ticket, TransactionResponse, WriteMarkers } from './decision.js'
import type { TransactionEvent } from './events.js'
import { PartitionSet } from './partition-set.js'
import type { TransactionShard } from './shard.js'
import { isPrepared, type Transaction } from './transaction.js'
import { completed } from './transitions.js'

/** One command at work on one transactional id: what it reads, and what it has decided so far. */
export class Turn {
  readonly shard: TransactionShard
  readonly transactionalId: string
  readonly now: Now
  readonly #events: TransactionEvent[] = []
  readonly #replies: Reply[] = []
  readonly #effects: WriteMarkers[] = []

  constructor(shard: TransactionShard, transactionalId: string, now: Now) {
    this.shard = shard
    this.transactionalId = transactionalId
    this.now = now
  }

  answer(ticket: Ticket, response: TransactionResponse): void {
    this.#replies.push({ ticket, response })
  }

  /** The transaction is to be in this state; what follows from that without anybody's doing follows at once. */
  store(transaction: Transaction): void {
    const { shard, transactionalId } = this
    this.#events.push(storedEvent(shard, transactionalId, transaction))
    shard.unmarked.delete(transactionalId)
    if (transaction.state === 'Ongoing') this.#watch(transaction)
    else shard.deadlines.delete(transactionalId)
    if (isPrepared(transaction)) this.resume(transaction)
  }

  /** The outcome is decided: asks for all markers; without any the transaction is complete. */
  resume(transaction: Transaction): void {
    const partitions = new PartitionSet(transaction.partitions ?? [])
    if (partitions.isEmpty) {
      this.store(completed(transaction, this.now.wall))
      return
    }
    this.shard.unmarked.set(this.transactionalId, partitions)
    this.#effects.push({
      kind: 'WriteMarkers',
      transactionalId: this.transactionalId,
      producerId: transaction.producerId,
      producerEpoch: transaction.producerEpoch,
      committed: transaction.state === 'PrepareCommit',
      transactionVersion: transaction.clientTransactionVersion,
      partitions: partitions.list(),
    })
  }

  decide(): Decision {
    const deadline = this.shard.deadlines.get(this.transactionalId)
    const decided = { events: this.#events, replies: this.#replies, effects: this.#effects }
    return deadline === undefined ? decided : { ...decided, deadline }
  }

  /** The time of a transaction runs from its first partition on, not from the latest. */
  #watch({ timeoutMs }: Transaction): void {
    const { deadlines } = this.shard
    if (!deadlines.has(this.transactionalId)) deadlines.set(this.transactionalId, this.now.monotonic + timeoutMs)
  }
}

export function storedEvent(
  { config }: TransactionShard,
  transactionalId: string,
  transaction: Transaction,
): TransactionEvent {
  const recordVersion = config.transactionVersion === 0 ? 0 : 1
  return { kind: 'TransactionStored', transactionalId, transaction, recordVersion }
}

const nothing: readonly never[] = []

/** A decision that changes nothing and answers one request. */
export function answerOnly(ticket: Ticket, response: TransactionResponse): Decision {
  return { events: nothing, replies: [{ ticket, response }], effects: nothing }
}

export const noDecision: Decision = { events: nothing, replies: nothing, effects: nothing }
