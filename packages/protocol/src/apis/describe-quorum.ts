import { api, int16, int32, int64, type RequestOf, type ResponseOf, string, structs, uint16, uuid } from '../schema.js'

const replicas = () =>
  structs({
    replicaId: int32(),
    replicaDirectoryId: uuid({ versions: '2+' }),
    logEndOffset: int64(),
    lastFetchTimestamp: int64({ versions: '1+', default: -1 }),
    lastCaughtUpTimestamp: int64({ versions: '1+', default: -1 }),
  })

export const DescribeQuorum = api({
  key: 55,
  name: 'DescribeQuorum',
  versions: '0-2',
  flexible: '0+',
  request: {
    topics: structs({ topicName: string(), partitions: structs({ partitionIndex: int32() }) }),
  },
  response: {
    errorCode: int16(),
    errorMessage: string({ versions: '2+', nullable: '2+' }),
    topics: structs({
      topicName: string(),
      partitions: structs({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: string({ versions: '2+', nullable: '2+' }),
        leaderId: int32(),
        leaderEpoch: int32(),
        highWatermark: int64(),
        currentVoters: replicas(),
        observers: replicas(),
      }),
    }),
    nodes: structs(
      { nodeId: int32(), listeners: structs({ name: string(), host: string(), port: uint16() }) },
      { versions: '2+' },
    ),
  },
})
export type DescribeQuorumRequest = RequestOf<typeof DescribeQuorum>
export type DescribeQuorumResponse = ResponseOf<typeof DescribeQuorum>
