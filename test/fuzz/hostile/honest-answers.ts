import {
  type Api,
  ApiVersions,
  allApis,
  buildBatch,
  Fetch,
  type FetchRequest,
  FindCoordinator,
  type FindCoordinatorRequest,
  Heartbeat,
  InitProducerId,
  JoinGroup,
  type JoinGroupRequest,
  LeaveGroup,
  ListOffsets,
  type ListOffsetsRequest,
  Metadata,
  OffsetCommit,
  type OffsetCommitRequest,
  OffsetFetch,
  type OffsetFetchRequest,
  Produce,
  type ProduceRequest,
  SyncGroup,
  type SyncGroupRequest,
} from '@rivven/protocol'

export const TOPIC = 't'
const topicId = Buffer.alloc(16, 5).toString('base64url')
const broker = { nodeId: 0, host: 'broker-0', port: 9000 }
const memberId = 'member-1'

/** What a broker with one topic of two partitions and one group says, as far as it takes to get anywhere with it. */
const answers = new Map<Api<never, never>, (request: never, version: number) => object>()
function answer<Request>(api: Api<never, never>, make: (request: Request, version: number) => object): void {
  answers.set(api, make as never)
}

/** Undefined: this broker has nothing to say to that. */
export function honestAnswer(api: Api, request: unknown, version: number): object | undefined {
  return answers.get(api as never)?.(request as never, version)
}

answer(ApiVersions as never, () => ({
  apiKeys: allApis.map(({ key, versions }) => ({ apiKey: key, minVersion: versions.min, maxVersion: versions.max })),
}))
answer(Metadata as never, () => ({
  brokers: [broker],
  clusterId: 'hostile',
  controllerId: 0,
  topics: [{ name: TOPIC, topicId, partitions: [0, 1].map(partitionImage) }],
}))
answer(InitProducerId as never, () => ({ producerId: 1000, producerEpoch: 0 }))
answer(Heartbeat as never, () => ({}))
answer(LeaveGroup as never, () => ({ members: [{ memberId, groupInstanceId: null, errorCode: 0 }] }))
answer(FindCoordinator as never, ({ coordinatorKeys }: FindCoordinatorRequest) => ({
  ...broker,
  coordinators: (coordinatorKeys ?? []).map((key) => ({ key, ...broker })),
}))
answer(JoinGroup as never, ({ protocols, memberId: given }: JoinGroupRequest, version) => {
  if (given === '' && version >= 4) return { errorCode: 79, memberId }
  const [{ name, metadata }] = protocols as [JoinGroupRequest['protocols'][number]]
  const members = [{ memberId, groupInstanceId: null, metadata }]
  return { generationId: 1, protocolType: 'consumer', protocolName: name, leader: memberId, memberId, members }
})
answer(SyncGroup as never, ({ assignments, protocolType, protocolName }: SyncGroupRequest) => {
  return { protocolType, protocolName, assignment: assignments[0]?.assignment ?? Buffer.alloc(0) }
})
answer(OffsetCommit as never, ({ topics }: OffsetCommitRequest) => ({
  topics: topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: 0 })),
  })),
}))
answer(OffsetFetch as never, ({ topics, groups }: OffsetFetchRequest) => ({
  topics: (topics ?? []).map(withoutCommits),
  groups: (groups ?? []).map(({ groupId, topics }) => ({ groupId, topics: (topics ?? []).map(withoutCommits) })),
}))
answer(ListOffsets as never, ({ topics }: ListOffsetsRequest) => ({
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, offset: 0, timestamp: -1, leaderEpoch: 0 })),
  })),
}))
answer(Fetch as never, ({ topics }: FetchRequest) => ({
  responses: topics.map((topic) => ({
    topic: topic.topic,
    topicId: topic.topicId,
    partitions: topic.partitions.map(({ partition, fetchOffset }) => fetched(partition, fetchOffset)),
  })),
}))
answer(Produce as never, ({ topicData }: ProduceRequest) => ({
  responses: topicData.map((topic) => ({
    name: topic.name,
    topicId: topic.topicId,
    partitionResponses: topic.partitionData.map(({ index }) => ({ index, errorCode: 0, baseOffset: 0 })),
  })),
}))

function partitionImage(partitionIndex: number): object {
  return { partitionIndex, leaderId: 0, leaderEpoch: 0, replicaNodes: [0], isrNodes: [0] }
}

function withoutCommits<Topic extends { partitionIndexes: readonly number[] }>(topic: Topic): object {
  const partitions = topic.partitionIndexes.map((partitionIndex) => ({ partitionIndex, committedOffset: -1 }))
  return { ...topic, partitions }
}

function fetched(partitionIndex: number, baseOffset: number): object {
  const end = baseOffset + 1
  const records = buildBatch({ baseOffset, partitionLeaderEpoch: 0, records: [{ value: 'value', timestamp: 1 }] })
  return { partitionIndex, highWatermark: end, lastStableOffset: end, logStartOffset: 0, records }
}
