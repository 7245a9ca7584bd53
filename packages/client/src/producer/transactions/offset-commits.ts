import type { Outgoing } from '@rivven/link'
import { CommitFailedError, isRetriable, retry } from '@rivven/link'
import { AddOffsetsToTxn, ErrorCode, errorOf, TxnOffsetCommit, type TxnOffsetCommitResponse } from '@rivven/protocol'
import type { ConsumerPosition } from '../../consumer/offsets/consumer-position.js'
import { gonePartitions } from '../../consumer/offsets/gone-partitions.js'
import type { Cluster } from '../../net/cluster.js'
import { GroupRequests } from '../../net/group-requests.js'
import { byTopic, partitionsText } from '../../topic-partition.js'
import type { CoordinatorCalls } from './coordinator-calls.js'
import type { OpenTransaction } from './open-transaction.js'
import { abortableError, transactionError, type Verdict, verdictOf } from './transaction-errors.js'

/** Makes the offsets of a group part of a transaction (KIP-98, KIP-447). */
export class OffsetCommits {
  readonly #cluster: Cluster
  readonly #calls: CoordinatorCalls
  readonly #timeoutMs: number

  constructor(cluster: Cluster, calls: CoordinatorCalls, timeoutMs: number) {
    this.#cluster = cluster
    this.#calls = calls
    this.#timeoutMs = timeoutMs
  }

  /** Resolves when the group's coordinator has them; they count when the transaction is committed. */
  async commit(transaction: OpenTransaction, position: ConsumerPosition): Promise<void> {
    if (position.isLost) throw abortableError(lostMember(position))
    transaction.isRegistered = true
    try {
      if (transaction.level === 1) await this.#announce(transaction, position.groupId)
      await this.#send(transaction, position)
    } catch (error) {
      transaction.isUnsure = true
      throw error
    }
  }

  /** Partitions whose topic was deleted need no offset any more: they do not hold the transaction up. */
  async #codesOf({ topics }: TxnOffsetCommitResponse): Promise<number[]> {
    const refused = topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
        .map(({ partitionIndex, errorCode }) => ({ topic: name, partition: partitionIndex, errorCode })),
    )
    const unknown = refused.filter(({ errorCode }) => errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const gone = new Set(await gonePartitions(this.#cluster, unknown))
    return refused.filter((entry) => !gone.has(entry)).map(({ errorCode }) => errorCode)
  }

  async #announce({ identity, abandoned }: OpenTransaction, groupId: string): Promise<void> {
    const { transactionalId } = this.#calls
    await this.#calls.call({
      api: AddOffsetsToTxn,
      what: `Adding offsets of group ${groupId} to the transaction`,
      request: { transactionalId, producerId: identity.producerId, producerEpoch: identity.epoch, groupId },
      maxVersion: 4,
      codesOf: ({ errorCode }) => [errorCode],
      verdict: verdictOf,
      signal: abandoned,
    })
  }

  async #send(transaction: OpenTransaction, position: ConsumerPosition): Promise<void> {
    const { runtime, retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = this.#cluster
    const { clock, random } = runtime
    const requests = new GroupRequests(this.#cluster, position.groupId)
    const what = `Committing ${partitionsText(position.offsets)} of group ${position.groupId} with the transaction`
    const request = commitRequest(this.#calls.transactionalId, transaction, position)
    const maxVersion = transaction.level === 2 ? 5 : 4
    const pace = { clock, random, what, timeoutMs: this.#timeoutMs, backoffMs, maxBackoffMs }
    const once = async () => {
      const answer = await requests.send(TxnOffsetCommit, request, { maxVersion })
      const codes = await this.#codesOf(answer)
      if (codes.some((code) => requests.movedBy(code))) requests.forgetCoordinator()
      const decisive = codes.find((code) => verdict(code) !== 'retry') ?? codes[0]
      if (decisive === undefined) return
      const { groupId: group, memberId, generationId: generation } = position
      const facts = { transactionalId: this.#calls.transactionalId, group, memberId, generation }
      const denied = decisive === ErrorCode.TOPIC_AUTHORIZATION_FAILED ? { operation: 'READ' } : {}
      throw transactionError(decisive, what, verdict(decisive), { ...facts, ...denied })
    }
    const howLong = { ...pace, signal: transaction.abandoned, retriable: isRetriable }
    await this.#cluster.calls.during(() => retry(howLong, once))
  }
}

/** A member that lost its place, or metadata that are too long, spoil the transaction but not the producer. */
function verdict(code: number): Verdict {
  switch (code) {
    case ErrorCode.ILLEGAL_GENERATION:
    case ErrorCode.UNKNOWN_MEMBER_ID:
    case ErrorCode.FENCED_INSTANCE_ID:
    case ErrorCode.OFFSET_METADATA_TOO_LARGE:
    case ErrorCode.INVALID_COMMIT_OFFSET_SIZE:
      return 'abortable'
    default:
      return errorOf(code).retriable ? 'retry' : verdictOf(code)
  }
}

function commitRequest(
  transactionalId: string,
  { identity }: OpenTransaction,
  position: ConsumerPosition,
): Outgoing<typeof TxnOffsetCommit> {
  const { groupId, generationId, memberId, groupInstanceId } = position
  const topics = [...byTopic(position.offsets)].map(([name, offsets]) => ({
    name,
    partitions: offsets.map(({ partition, offset, leaderEpoch, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch ?? -1,
      committedMetadata: metadata ?? '',
    })),
  }))
  const { producerId, epoch: producerEpoch } = identity
  return { transactionalId, groupId, producerId, producerEpoch, generationId, memberId, groupInstanceId, topics }
}

/** Without a generation the coordinator would take the offsets as those of a group without members. */
function lostMember({ groupId, offsets }: ConsumerPosition): CommitFailedError {
  const text = `${partitionsText(offsets)} cannot be committed: the consumer is no member of group ${groupId} any more.`
  return new CommitFailedError('COMMIT_FAILED', text, { facts: { group: groupId } })
}
