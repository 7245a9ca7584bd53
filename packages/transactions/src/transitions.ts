// What a transaction is after each step. Whether the step may be taken is for the commands to say.
import { PartitionSet } from './partition-set.js'
import { isExhausted, type TopicPartitions, type Transaction } from './transaction.js'

/** An id that nobody used yet, not stored before its producer gets epoch 0. */
export function created(producerId: number): Transaction {
  return {
    producerId,
    producerEpoch: -1,
    previousProducerId: -1,
    nextProducerId: -1,
    lastProducerEpoch: -1,
    timeoutMs: 0,
    state: 'Empty',
    partitions: null,
    startTimestamp: -1,
    lastUpdateTimestamp: -1,
    clientTransactionVersion: 0,
  }
}

/** Who the producer is from now on. */
export type Identity = Pick<Transaction, 'producerId' | 'producerEpoch' | 'lastProducerEpoch'>

export function initialized(before: Transaction, identity: Identity, timeoutMs: number, wall: number): Transaction {
  const empty = { state: 'Empty', partitions: null, startTimestamp: -1 } as const
  return { ...changed(before, wall), ...empty, ...identity, timeoutMs }
}

/** With these partitions too; the first ones begin a transaction. Null: they all were in already, nothing changes. */
export function extended(
  before: Transaction,
  topics: readonly TopicPartitions[],
  clientTransactionVersion: number,
  wall: number,
): Transaction | null {
  const isOngoing = before.state === 'Ongoing'
  const partitions = new PartitionSet(isOngoing ? (before.partitions ?? []) : [])
  if (!partitions.add(topics) && isOngoing) return null
  const startTimestamp = isOngoing ? before.startTimestamp : wall
  const list = partitions.list()
  return { ...changed(before, wall), state: 'Ongoing', partitions: list, startTimestamp, clientTransactionVersion }
}

/** How a transaction ends. */
export interface Ending {
  readonly committed: boolean
  /** -1: the producer keeps its id. */
  readonly nextProducerId: number
  readonly clientTransactionVersion: number
  /** The marker and what follows have an epoch of their own: KIP-890, and whenever a producer is to be fenced. */
  readonly raisesEpoch: boolean
}

export function prepared(before: Transaction, ending: Ending, wall: number): Transaction {
  const { committed, nextProducerId, clientTransactionVersion, raisesEpoch } = ending
  const { producerEpoch, lastProducerEpoch } = before
  const isNew = clientTransactionVersion >= 2
  return {
    ...changed(before, wall),
    state: committed ? 'PrepareCommit' : 'PrepareAbort',
    producerEpoch: raisesEpoch ? producerEpoch + 1 : producerEpoch,
    lastProducerEpoch: isNew ? producerEpoch : raisesEpoch ? -1 : lastProducerEpoch,
    nextProducerId,
    clientTransactionVersion,
    partitions: before.state === 'Ongoing' ? before.partitions : [],
    // Nothing was begun: an abort of KIP-890, whose client cannot know that.
    startTimestamp: before.state === 'Ongoing' ? before.startTimestamp : wall,
  }
}

/** All markers are written. */
export function completed(before: Transaction, wall: number): Transaction {
  const { nextProducerId } = before
  const state = before.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort'
  const successor = nextProducerId === -1 ? {} : { producerId: nextProducerId, producerEpoch: 0, nextProducerId: -1 }
  return { ...changed(before, wall), state, partitions: [], ...successor }
}

/**
 * How the coordinator ends a transaction of itself, to fence its producer. Null: the epochs are used up and no producer id
 * is at hand.
 */
export function fencingAbort(
  before: Transaction,
  transactionVersion: number,
  newProducerId: () => number | null,
): Ending | null {
  const isNew = transactionVersion >= 2
  const nextProducerId = isNew && isExhausted(before) ? newProducerId() : -1
  if (nextProducerId === null) return null
  return { committed: false, nextProducerId, clientTransactionVersion: isNew ? 2 : 0, raisesEpoch: true }
}

/** Kafka's rule for the previous producer id: that of the record before, mostly the same. */
function changed(before: Transaction, wall: number): Transaction {
  return { ...before, previousProducerId: before.producerId, lastUpdateTimestamp: wall }
}
