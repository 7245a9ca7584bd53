import { ErrorCode, type TxnOffsetCommitRequest, type TxnOffsetCommitResponse, ZERO_UUID } from '@rivven/protocol'
import { validateMember } from '../classic/members.js'
import type { Call, Decision } from '../decision.js'
import type { GroupEvent } from '../events.js'
import type { Group } from '../group.js'
import type { GroupShard } from '../shard.js'
import { answerOnly } from '../turn.js'
import { offsetRoom } from './room.js'

/**
 * TxnOffsetCommit (transactions.md §8): offsets that count once the transaction of their producer is committed. The caller
 * has made sure that this transaction is open and holds the partition of this group, and left out unknown partitions.
 */
export function commitInTransaction(shard: GroupShard, call: Call<TxnOffsetCommitRequest>): Decision {
  const { request, ticket, now } = call
  const { groupId, producerId, producerEpoch } = request
  const errorCode = mayCommit(shard.groups.get(groupId), request)
  if (errorCode !== ErrorCode.NONE) return answerOnly(ticket, txnOffsetCommitRefusal(request, errorCode))
  const producer = { producerId, producerEpoch }
  const anonymous = isAnonymous(request) ? ({ isAnonymous: true } as const) : {}
  const events: GroupEvent[] = []
  const hasRoomFor = offsetRoom(shard, shard.groups.get(groupId))
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(
      ({ partitionIndex: partition, committedOffset, committedLeaderEpoch, committedMetadata }) => {
        const metadata = committedMetadata ?? ''
        if (metadata.length > shard.config.offsetMetadataMaxBytes) {
          return { partitionIndex: partition, errorCode: ErrorCode.OFFSET_METADATA_TOO_LARGE }
        }
        const times = { commitTimestamp: now.wall, expireTimestamp: -1 }
        const offset = {
          offset: committedOffset,
          leaderEpoch: committedLeaderEpoch,
          metadata,
          ...times,
          topicId: ZERO_UUID,
          ...anonymous,
        }
        if (!hasRoomFor(name, partition, offset)) {
          return { partitionIndex: partition, errorCode: ErrorCode.POLICY_VIOLATION }
        }
        events.push({ kind: 'OffsetPending', groupId, topic: name, partition, offset, producer })
        return { partitionIndex: partition, errorCode: ErrorCode.NONE }
      },
    ),
  }))
  return { events, replies: [{ ticket, response: { throttleTimeMs: 0, topics } }] }
}

/** A partition of a transaction that ends: its marker, and what becomes of the offsets that it holds in this shard. */
export interface EndedTransaction {
  readonly producerId: number
  readonly producerEpoch: number
  readonly committed: boolean
  readonly coordinatorEpoch: number
  readonly transactionVersion: number
}

/** The marker of a transaction. The caller has made sure that it is not late. Answers an error code. */
export function endTransaction(_shard: GroupShard, { request, ticket }: Call<EndedTransaction>): Decision {
  const { producerId, producerEpoch, committed, coordinatorEpoch, transactionVersion } = request
  const producer = { producerId, producerEpoch }
  const end = { committed, coordinatorEpoch, transactionVersion }
  return { events: [{ kind: 'TransactionEnded', producer, ...end }], replies: [{ ticket, response: ErrorCode.NONE }] }
}

export function txnOffsetCommitRefusal(
  request: Pick<TxnOffsetCommitRequest, 'topics'>,
  errorCode: number,
): TxnOffsetCommitResponse {
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }))
  return { throttleTimeMs: 0, topics }
}

/** KIP-447: who names a generation or a member must be a member of the present one; a rebalance does not hinder it. */
function mayCommit(
  group: Group | undefined,
  { generationId, memberId, groupInstanceId }: TxnOffsetCommitRequest,
): number {
  if (!group) return generationId < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
  if (generationId < 0 && group.state === 'Empty') return ErrorCode.NONE
  if (isAnonymous({ generationId, memberId, groupInstanceId })) return ErrorCode.NONE
  const errorCode = validateMember(group, { memberId, groupInstanceId, generationId })
  if (errorCode !== ErrorCode.NONE) return errorCode
  return generationId === group.generation ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
}

/** Versions 0 to 2 say nothing else. */
function isAnonymous({
  generationId,
  memberId,
  groupInstanceId,
}: Pick<TxnOffsetCommitRequest, 'generationId' | 'memberId' | 'groupInstanceId'>): boolean {
  return generationId < 0 && memberId === '' && groupInstanceId === null
}
