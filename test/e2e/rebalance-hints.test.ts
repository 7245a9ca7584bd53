import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Consumer, type ConsumerOptions, Producer } from '@rivven/client'
import { cooperativeStickyAssignor, encodeAssignment, encodeSubscription, rangeAssignor } from '@rivven/groups'
import {
  ApiVersions,
  CreateTopics,
  decodeResponse,
  encodeRequest,
  Fetch,
  Heartbeat,
  JoinGroup,
  SyncGroup,
} from '@rivven/protocol'
import { type Rivven, startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { RawConnection } from '../support/raw-connection.js'

const topic = 't'
const range = [{ name: 'range', metadata: encodeSubscription({ topics: [topic] }) }]

interface Scene {
  readonly rivven: Rivven
  open(): Promise<RawConnection>
}

async function scene(t: TestContext): Promise<Scene> {
  const rivven = await startRivven()
  const open = async () => {
    const connection = await RawConnection.open(rivven.port)
    t.after(() => connection.destroy())
    return connection
  }
  t.after(() => rivven.close())
  const admin = await open()
  await admin.call(CreateTopics, 2, { topics: [{ name: topic, numPartitions: 4, replicationFactor: 1 }] })
  return { rivven, open }
}

function join(connection: RawConnection, groupInstanceId: string, memberId = '') {
  const timeouts = { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000 }
  const request = { groupId: 'g', memberId, groupInstanceId, ...timeouts, protocolType: 'consumer', protocols: range }
  return connection.call(JoinGroup, 5, request)
}

/** A member alone in its group that owns partitions 0 and 1; its client id is that of all raw connections. */
async function lonelyMember(connection: RawConnection) {
  const { memberId, generationId } = await join(connection, 'a')
  const identity = { groupId: 'g', generationId, memberId, groupInstanceId: 'a' }
  const assignment = encodeAssignment({ assignedPartitions: [{ topic, partitions: [0, 1] }] })
  const { errorCode } = await connection.call(SyncGroup, 3, { ...identity, assignments: [{ memberId, assignment }] })
  assert.equal(errorCode, 0)
  return {
    heartbeat: async () => (await connection.call(Heartbeat, 3, identity)).errorCode,
    rejoin: () => join(connection, 'a', memberId),
  }
}

function sendFetch(connection: RawConnection, partition: number, fetchOffset = 0): void {
  const topics = [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }] }]
  const request = { maxWaitMs: 300_000, minBytes: 1, maxBytes: 1_000_000, topics }
  connection.send(Buffer.concat(encodeRequest(Fetch, 11, { correlationId: 7, clientId: 'raw' }, request)))
}

async function fetched(connection: RawConnection): Promise<number> {
  const { message } = decodeResponse(Fetch, 11, await connection.nextFrame())
  const [answer] = message.responses[0]?.partitions ?? []
  assert.equal(message.errorCode, 0)
  assert.equal(answer?.errorCode, 0)
  return (answer?.records as Buffer | null)?.length ?? 0
}

test('a fetch that waits for five minutes is answered when its member has to join again', async (t) => {
  const { open } = await scene(t)
  const [control, data, other, newcomer] = [await open(), await open(), await open(), await open()]
  const member = await lonelyMember(control)
  sendFetch(data, 1)
  sendFetch(other, 3)
  assert.equal(await member.heartbeat(), 0)
  const joined = join(newcomer, 'b')
  assert.equal(await fetched(data), 0)
  assert.equal(await member.heartbeat(), 27)
  sendFetch(data, 1)
  for (let round = 0; round < 5; round++) assert.equal(await member.heartbeat(), 27)
  assert.deepEqual([data.receivedBytes, other.receivedBytes], [0, 0], 'one hint, and for the member alone')
  await Promise.all([joined, member.rejoin()])
})

test('where records flow the next fetch of a client that knows of hints is empty once, that of others is not', async (t) => {
  for (const knows of [true, false]) {
    const { rivven, open } = await scene(t)
    const producer = new Producer({ bootstrapServers: rivven.bootstrapServers })
    t.after(() => producer.close())
    await producer.send({ topic, partition: 0, value: 'v' })
    const [control, data, newcomer] = [await open(), await open(), await open()]
    const software = { clientSoftwareName: knows ? 'rivven' : 'other', clientSoftwareVersion: '1' }
    await data.call(ApiVersions, 3, software)
    const member = await lonelyMember(control)
    sendFetch(data, 0)
    assert.ok((await fetched(data)) > 0)
    const joined = join(newcomer, 'b')
    await eventually(async () => assert.equal(await member.heartbeat(), 27))
    sendFetch(data, 0)
    assert.equal((await fetched(data)) === 0, knows)
    sendFetch(data, 0)
    assert.ok((await fetched(data)) > 0, 'nothing is lost')
    await Promise.all([joined, member.rejoin()])
  }
})

/** Heartbeats come once in five minutes: whatever a group settles here, it settles without them. */
const rareHeartbeats = { heartbeatIntervalMs: 300_000, sessionTimeoutMs: 1_000_000, fetchMaxWaitMs: 1500 }

class Team {
  readonly members: Consumer[] = []
  readonly #loops = new Map<Consumer, Promise<void>>()

  constructor(
    readonly rivven: Rivven,
    readonly options: Partial<ConsumerOptions>,
  ) {}

  async grow(): Promise<void> {
    const { bootstrapServers } = this.rivven
    const consumer = new Consumer({ bootstrapServers, groupId: 'g', ...rareHeartbeats, ...this.options })
    await consumer.subscribe(topic)
    this.members.push(consumer)
    this.#loops.set(consumer, pollOn(consumer))
  }

  async shrink(): Promise<void> {
    const consumer = this.members.shift()!
    await consumer.close()
    await this.#loops.get(consumer)
  }

  async close(): Promise<void> {
    while (this.members.length > 0) await this.shrink()
  }

  /** Every member owns as much as every other one, and all are of the same generation. */
  settled(): Promise<void> {
    return eventually(() => {
      const owned = this.members.map((member) => member.assignment().length)
      assert.equal(
        owned.reduce((sum, one) => sum + one, 0),
        4,
        `owned: ${owned}`,
      )
      assert.ok(Math.max(...owned) - Math.min(...owned) <= 1, `owned: ${owned}`)
      assert.equal(new Set(this.members.map(({ generationId }) => generationId)).size, 1)
    })
  }
}

async function pollOn(consumer: Consumer): Promise<void> {
  while (consumer.state !== 'closed') await consumer.poll(1_000).catch(() => undefined)
}

for (const assignor of [rangeAssignor, cooperativeStickyAssignor]) {
  for (const flow of ['idle topics', 'records flowing']) {
    test(`with ${assignor.name} and ${flow} a group settles without waiting for a heartbeat`, async (t) => {
      const { rivven } = await scene(t)
      const team = new Team(rivven, { partitionAssignmentStrategy: assignor, autoOffsetReset: 'earliest' })
      const producer = new Producer({ bootstrapServers: rivven.bootstrapServers })
      t.after(() => producer.close())
      let flowing = flow === 'records flowing'
      const flows = (async () => {
        while (flowing) {
          await Promise.all([0, 1, 2, 3].map((partition) => producer.send({ topic, partition, value: 'v' })))
          await new Promise((resolve) => setImmediate(resolve))
        }
      })()
      try {
        for (let size = 1; size <= 4; size++) {
          await team.grow()
          await team.settled()
        }
        for (let size = 3; size >= 2; size--) {
          await team.shrink()
          await team.settled()
        }
      } finally {
        flowing = false
        await flows
        await team.close()
      }
    })
  }
}
