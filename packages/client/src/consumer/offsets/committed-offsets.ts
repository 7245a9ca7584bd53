import type { Outgoing } from '@rivven/link'
import { errorFromCode, retry } from '@rivven/link'
import { ErrorCode, OffsetFetch } from '@rivven/protocol'
import type { CommittedOffset } from '../../admin/group-offsets.js'
import type { Cluster } from '../../net/cluster.js'
import type { GroupRequests } from '../../net/group-requests.js'
import { byTopic, partitionsText, type TopicPartition } from '../../topic-partition.js'
import { answeredOffset } from './answered-offset.js'
import { noGroup } from './commit-refusals.js'

// Newer versions name topics by id only (KIP-848 era); the classic consumer stays below.
const newestVersion = 9

/** Asks what a group has committed. */
export class CommittedOffsets {
  readonly #cluster: Cluster
  readonly #requests: GroupRequests | null

  /** Without `requests` (no groupId) nothing is committed. */
  constructor(cluster: Cluster, requests: GroupRequests | null) {
    this.#cluster = cluster
    this.#requests = requests
  }

  /** Asks until it is known or `timeoutMs` have passed. */
  known(partitions: readonly TopicPartition[], timeoutMs: number): Promise<CommittedOffset[]> {
    const { clock, random } = this.#cluster.runtime
    const { retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs, closeSignal: signal } = this.#cluster
    const what = `Asking for committed offsets of ${partitionsText(partitions)}`
    return retry({ clock, random, what, timeoutMs, backoffMs, maxBackoffMs, signal }, () => this.ask(partitions))
  }

  /** Asks once; throws where it is not known for each of the partitions. */
  async ask(partitions: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    const requests = this.#mustHaveGroup()
    const answer = await requests.send(
      OffsetFetch,
      (version) => offsetFetchRequest(requests.groupId, partitions, version),
      { channel: 'main', maxVersion: newestVersion },
    )
    const group = answer.groups.find(({ groupId }) => groupId === requests.groupId) ?? answer
    this.#throwError(group.errorCode, partitions)
    return group.topics.flatMap((topic) =>
      topic.partitions.map((entry) => {
        const place = { topic: topic.name, partition: entry.partitionIndex }
        this.#throwError(entry.errorCode, [place])
        const { committedOffset, committedLeaderEpoch: leaderEpoch, metadata } = entry
        return { ...place, offset: answeredOffset(committedOffset, place), leaderEpoch, metadata: metadata ?? '' }
      }),
    )
  }

  #throwError(code: number, partitions: readonly TopicPartition[]): void {
    if (code === ErrorCode.NONE) return
    const requests = this.#mustHaveGroup()
    const isMoved = requests.movedBy(code)
    const what = `Asking group ${requests.groupId} for committed offsets of ${partitionsText(partitions)}`
    const facts = { group: requests.groupId, operation: 'DESCRIBE' }
    throw errorFromCode(code, what, isMoved ? { retriable: true, facts } : { facts })
  }

  #mustHaveGroup(): GroupRequests {
    if (this.#requests) return this.#requests
    throw noGroup('Committed offsets')
  }
}

function offsetFetchRequest(
  groupId: string,
  partitions: readonly TopicPartition[],
  version: number,
): Outgoing<typeof OffsetFetch> {
  const topics = [...byTopic(partitions)].map(([name, ofTopic]) => ({
    name,
    partitionIndexes: ofTopic.map(({ partition }) => partition),
  }))
  // Offsets that a transaction may still change are no place to begin (KIP-447): 88, to be asked again.
  const requireStable = version >= 7
  if (version < 8) return { groupId, topics, requireStable }
  return { groups: [{ groupId, topics }], requireStable }
}
