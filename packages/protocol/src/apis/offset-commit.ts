import { api, int16, int32, int64, type RequestOf, type ResponseOf, string, structs, uuid } from '../schema.js'

export const OffsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-10',
  flexible: '8+',
  request: {
    groupId: string(),
    generationIdOrMemberEpoch: int32({ default: -1 }),
    memberId: string(),
    groupInstanceId: string({ versions: '7+', nullable: '7+', default: null }),
    retentionTimeMs: int64({ versions: '2-4', default: -1 }),
    topics: structs({
      name: string({ versions: '0-9' }),
      topicId: uuid({ versions: '10+' }),
      partitions: structs({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ versions: '6+', default: -1 }),
        committedMetadata: string({ nullable: '0+' }),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32({ versions: '3+' }),
    topics: structs({
      name: string({ versions: '0-9' }),
      topicId: uuid({ versions: '10+' }),
      partitions: structs({ partitionIndex: int32(), errorCode: int16() }),
    }),
    /** Of our own, as in Heartbeat. */
    reason: string({ versions: '8+', nullable: '8+', default: null, tag: 20480 }),
  },
})
export type OffsetCommitRequest = RequestOf<typeof OffsetCommit>
export type OffsetCommitResponse = ResponseOf<typeof OffsetCommit>
