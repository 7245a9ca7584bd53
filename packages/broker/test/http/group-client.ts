import { encodeAssignment, encodeSubscription } from '@rivven/groups'
import {
  buildBatch,
  CreateTopics,
  DeleteGroups,
  DeleteTopics,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  OffsetDelete,
  Produce,
  SyncGroup,
} from '@rivven/protocol'
import type { HttpBroker } from './http-broker.js'

/** What a test does to groups and topics, in Kafka's own requests. */
export class GroupClient {
  constructor(readonly broker: HttpBroker) {}

  async makeTopic(name: string, numPartitions = 1): Promise<void> {
    await this.broker.call(CreateTopics, 4, {
      topics: [{ name, numPartitions, replicationFactor: 1 }],
      timeoutMs: 5_000,
    })
  }

  async deleteTopic(name: string): Promise<void> {
    await this.broker.call(DeleteTopics, 4, { topicNames: [name], timeoutMs: 5_000 })
  }

  async produce(topic: string, count: number, index = 0): Promise<void> {
    const records = Array.from({ length: count }, () => ({ value: Buffer.from('x'), timestamp: 1 }))
    const partitionData = [{ index, records: buildBatch({ records }) }]
    await this.broker.call(Produce, 7, { acks: -1, timeoutMs: 5_000, topicData: [{ name: topic, partitionData }] })
  }

  /** The error code. */
  async commit(groupId: string, topic: string, offset: number, partitionIndex = 0): Promise<number> {
    const partitions = [{ partitionIndex, committedOffset: offset }]
    const { topics } = await this.broker.call(OffsetCommit, 7, {
      groupId,
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: [{ name: topic, partitions }],
    })
    return topics[0]!.partitions[0]!.errorCode
  }

  async deleteOffset(groupId: string, topic: string, partitionIndex = 0): Promise<void> {
    await this.broker.call(OffsetDelete, 0, { groupId, topics: [{ name: topic, partitions: [{ partitionIndex }] }] })
  }

  async deleteGroup(groupId: string): Promise<void> {
    await this.broker.call(DeleteGroups, 2, { groupsNames: [groupId] })
  }

  /** Joins as the only member (again, with its id) and takes partition 0 of the topic: one rebalance. */
  async rebalance(groupId: string, topic: string, memberId = ''): Promise<string> {
    const metadata = encodeSubscription({ topics: [topic] })
    const joined = await this.broker.call(JoinGroup, 3, {
      groupId,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata }],
    })
    const assignment = encodeAssignment({ assignedPartitions: [{ topic, partitions: [0] }] })
    const { errorCode } = await this.broker.call(SyncGroup, 2, {
      groupId,
      generationId: joined.generationId,
      memberId: joined.memberId,
      assignments: [{ memberId: joined.memberId, assignment }],
    })
    if (joined.errorCode !== 0 || errorCode !== 0) throw new Error(`refused: ${joined.errorCode} ${errorCode}`)
    return joined.memberId
  }

  async leave(groupId: string, memberId: string): Promise<void> {
    await this.broker.call(LeaveGroup, 2, { groupId, memberId })
  }
}
