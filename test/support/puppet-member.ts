import { Cluster } from '@rivven/client'
import { encodeAssignment, encodeSubscription } from '@rivven/groups'
import { ErrorCode, JoinGroup, SyncGroup } from '@rivven/protocol'

const protocolType = 'consumer'

export interface PuppetOptions {
  bootstrapServers: string
  groupId: string
  topic: string
  protocol: string
}

/**
 * A member of a group that takes each step when the test says so, and sends no heartbeats. So a rebalance stands where the
 * test wants it: until all puppets have joined, or until the one that leads has assigned.
 */
export class PuppetMember {
  readonly #options: PuppetOptions
  readonly #cluster: Cluster
  memberId = ''
  generationId = -1
  /** Ids of all members, if it leads. */
  members: string[] = []

  constructor(options: PuppetOptions) {
    this.#options = options
    this.#cluster = new Cluster({ bootstrapServers: options.bootstrapServers, clientId: 'puppet' })
  }

  /** Resolves when all members have joined. */
  async join(): Promise<void> {
    const { groupId, topic, protocol } = this.#options
    const subscription = { topics: [topic], userData: null, ownedPartitions: [], generationId: -1, rackId: null }
    const coordinator = await this.#cluster.coordinator(groupId, 'group')
    const { errorCode, memberId, generationId, members } = await this.#cluster.send(coordinator, JoinGroup, {
      groupId,
      sessionTimeoutMs: 120_000,
      rebalanceTimeoutMs: 240_000,
      protocolType,
      protocols: [{ name: protocol, metadata: encodeSubscription(subscription) }],
      memberId: this.memberId,
    })
    this.memberId = memberId
    this.generationId = generationId
    this.members = members.map((member) => member.memberId)
    // The first answer only brings the id.
    if (errorCode === ErrorCode.MEMBER_ID_REQUIRED) await this.join()
  }

  /** As leader: gives each of these members these partitions. */
  async assign(partitions: Readonly<Record<string, readonly number[]>>): Promise<void> {
    const { groupId, topic, protocol } = this.#options
    const assignments = Object.entries(partitions).map(([memberId, ofMember]) => {
      const assignedPartitions = ofMember.length > 0 ? [{ topic, partitions: [...ofMember] }] : []
      return { memberId, assignment: encodeAssignment({ assignedPartitions, userData: null }) }
    })
    const coordinator = await this.#cluster.coordinator(groupId, 'group')
    const { generationId, memberId } = this
    const request = { groupId, generationId, memberId, protocolType, protocolName: protocol, assignments }
    const { errorCode } = await this.#cluster.send(coordinator, SyncGroup, request)
    if (errorCode !== ErrorCode.NONE) throw new Error(`SyncGroup was refused: ${errorCode}`)
  }

  close(): Promise<void> {
    return this.#cluster.close()
  }
}
