import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin } from '@rivven/client'
import { ErrorCode, ListOffsets } from '@rivven/protocol'
import { eventually } from '../support/eventually.js'
import { RawConnection } from '../support/raw-connection.js'
import type { RivvendProcess } from '../support/rivvend-process.js'
import { runCampaign } from './campaign.js'
import { worldOnServer } from './world/on-postgres.js'

const TOPIC = 'chaos-orders'
const groupIds = ['chaos-range', 'chaos-cooperative']
const size = { partitions: 6, writers: 2, copiers: 0, pauseMs: 20, sessionTimeoutMs: 60_000, retentionMs: null }

const world = await worldOnServer(3)
const skip = typeof world === 'string' && world

test('the database is killed under load, and away until every broker has given up: groups keep members and generation', {
  skip,
}, async (t) => {
  assert.ok(typeof world !== 'string')
  const { brokers, database } = world
  const admin = new Admin({ bootstrapServers: world.bootstrapServers })
  try {
    const members: unknown[] = []
    const { violations, groups, acknowledged } = await runCampaign({
      world,
      size,
      plot: async (scene) => {
        members.push(await membersOf(admin))
        await database!.crash(() => Promise.all(brokers.map(refusesAll)))
        await scene.over()
        members.push(await membersOf(admin))
      },
      patienceMs: 300_000,
      say: (text) => t.diagnostic(text),
    })
    assert.deepEqual(members[1], members[0])
    assert.deepEqual(
      groups.map(({ rebalances }) => rebalances),
      [0, 0],
    )
    assert.deepEqual(violations.sentences, [])
    assert.ok(acknowledged > 0)
  } finally {
    await admin.close()
    await world.close({ keepLogs: false })
  }
})

/** Ids of members and what they own, by group. */
async function membersOf(admin: Admin): Promise<unknown> {
  const groups = await admin.describeGroups(groupIds)
  return groups.map(({ groupId, state, members }) => ({
    groupId,
    state,
    members: members.map(({ memberId, assignment }) => ({ memberId, assignment })).sort(byId),
  }))
}

function byId(one: { memberId: string }, other: { memberId: string }): number {
  return one.memberId < other.memberId ? -1 : 1
}

/** Resolves when the broker answers for none of the topic's partitions any more. */
async function refusesAll({ address }: RivvendProcess): Promise<void> {
  const connection = await RawConnection.open(Number(address.split(':')[1]))
  const partitions = Array.from({ length: size.partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1 }))
  await eventually(async () => {
    const { topics } = await connection.call(ListOffsets, 7, { replicaId: -1, topics: [{ name: TOPIC, partitions }] })
    for (const { errorCode } of topics[0]!.partitions) assert.equal(errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })
  connection.destroy()
}
