import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin } from '@rivven/client'
import { buildBatch, ErrorCode, Fetch, ListOffsets, OffsetCommit, Produce } from '@rivven/protocol'
import { RawConnection } from '../support/raw-connection.js'
import { runCampaign } from './campaign.js'
import { worldOnServer } from './world/on-postgres.js'

/** More than three times as long as a lease. */
const HELD_MS = 10_000
const TOPIC = 'held'
const size = { partitions: 6, writers: 2, copiers: 0, pauseMs: 20, sessionTimeoutMs: 60_000, retentionMs: null }

const world = await worldOnServer(3)
const skip = typeof world === 'string' && world

/** What the first broker leads and coordinates, and connections to it on which requests can wait. */
class Asked {
  readonly partition: number
  readonly groupId: string
  readonly #connections: readonly RawConnection[]

  private constructor(partition: number, groupId: string, connections: readonly RawConnection[]) {
    this.partition = partition
    this.groupId = groupId
    this.#connections = connections
  }

  static async at(address: string, admin: Admin): Promise<Asked> {
    await admin.createTopics([{ name: TOPIC, partitions: size.partitions }])
    const [topic] = await admin.describeTopics([TOPIC])
    const { partition } = topic!.partitions.find(({ leader }) => leader === 1)!
    const groups = await admin.describeGroups(Array.from({ length: 30 }, (_, at) => `held-${at}`))
    const { groupId } = groups.find(({ coordinator }) => coordinator.id === 1)!
    const port = Number(address.split(':')[1])
    return new Asked(partition, groupId, await Promise.all([1, 2, 3, 4].map(() => RawConnection.open(port))))
  }

  /** Sends one request of each kind; answers with what each partition in it got. */
  async ask(): Promise<Record<string, number>> {
    const { partition, groupId } = this
    const [toWrite, toRead, toAsk, toCommit] = this.#connections
    const records = buildBatch({ records: [{ value: Buffer.from('late'), timestamp: 1 }] })
    const place = [{ name: TOPIC, partitions: [{ partitionIndex: partition, timestamp: -1, committedOffset: 0 }] }]
    const [written, read, end, committed] = await Promise.all([
      toWrite!.call(Produce, 9, {
        acks: -1,
        timeoutMs: 30_000,
        topicData: [{ name: TOPIC, partitionData: [{ index: partition, records }] }],
      }),
      toRead!.call(Fetch, 11, {
        ...{ maxWaitMs: 0, minBytes: 0, maxBytes: 1024 },
        topics: [{ topic: TOPIC, partitions: [{ partition, fetchOffset: 0, partitionMaxBytes: 1024 }] }],
      }),
      toAsk!.call(ListOffsets, 7, { replicaId: -1, topics: place }),
      toCommit!.call(OffsetCommit, 8, { groupId, topics: place }),
    ])
    return {
      Produce: written.responses[0]!.partitionResponses[0]!.errorCode,
      Fetch: read.responses[0]!.partitions[0]!.errorCode,
      ListOffsets: end.topics[0]!.partitions[0]!.errorCode,
      OffsetCommit: committed.topics[0]!.partitions[0]!.errorCode,
    }
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy()
  }
}

test('a broker that is held for ten seconds acknowledges nothing, and tells nobody what was, when it goes on', {
  skip,
}, async (t) => {
  assert.ok(typeof world !== 'string')
  const admin = new Admin({ bootstrapServers: world.bootstrapServers })
  try {
    const asked = await Asked.at(world.brokers[0]!.address, admin)
    const codes: Record<string, number>[] = []
    const { violations, groups, acknowledged } = await runCampaign({
      world,
      size,
      plot: async (scene) => {
        codes.push(await asked.ask())
        scene.begin({ kind: 'SIGSTOP 10 s', broker: 0, ms: HELD_MS })
        // These wait in its sockets.
        const late = asked.ask()
        await scene.over()
        codes.push(await late)
      },
      patienceMs: 300_000,
      say: (text) => t.diagnostic(text),
    })
    asked.close()
    const [none, elsewhere] = [ErrorCode.NONE, ErrorCode.NOT_LEADER_OR_FOLLOWER]
    assert.deepEqual(codes, [
      { Produce: none, Fetch: none, ListOffsets: none, OffsetCommit: none },
      { Produce: elsewhere, Fetch: elsewhere, ListOffsets: elsewhere, OffsetCommit: ErrorCode.NOT_COORDINATOR },
    ])
    // Of both writes the one that was acknowledged.
    const [end] = await admin.listOffsets([{ topic: TOPIC, partition: asked.partition, timestamp: 'latest' }])
    assert.equal(end!.offset, 1)
    assert.deepEqual(violations.sentences, [])
    assert.deepEqual(
      groups.map(({ rebalances }) => rebalances),
      [0, 0],
    )
    assert.ok(acknowledged > 0)
  } finally {
    await admin.close()
    await world.close({ keepLogs: false })
  }
})
