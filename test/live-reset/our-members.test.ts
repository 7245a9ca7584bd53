import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { CommitFailedError, Consumer, type ConsumerOptions, type RivvenError } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { Gate, group, mustBeReadAgain, recordCount, type Seen, scene, topic } from './scene.js'

/** What members heard from their listeners, and what became of commits. */
interface Told {
  readonly revoked: string[]
  readonly lost: string[]
  readonly failed: RivvenError[]
}

/** Polls, handles and commits, for as long as it is not closed. */
function ours(strategy: ConsumerOptions['partitionAssignmentStrategy'], told: Told) {
  return (name: string, bootstrapServers: string, seen: Seen) => {
    const quick = { heartbeatIntervalMs: 100, sessionTimeoutMs: 10_000, autoOffsetReset: 'earliest' } as const
    const consumer = new Consumer({
      ...{ bootstrapServers, groupId: group, clientId: name, partitionAssignmentStrategy: strategy },
      ...{ ...quick, enableAutoCommit: false },
    })
    consumer.setRebalanceListener({
      onPartitionsRevoked: (partitions, { cause }) => partitions.length > 0 && told.revoked.push(cause),
      onPartitionsLost: (_, { cause }) => told.lost.push(cause),
    })
    const gate = new Gate()
    let isOver = false
    const handle = async () => {
      const records = await consumer.poll(50)
      for (const { partition, offset } of records) {
        seen.add(partition, offset)
        await gate.pass()
      }
      if (records.length > 0) await consumer.commit()
    }
    const reading = (async () => {
      await consumer.subscribe([topic])
      while (!isOver) {
        await handle().catch((error: RivvenError) => {
          told.failed.push(error)
        })
      }
    })()
    return {
      hold: () => gate.hold(),
      async close() {
        isOver = true
        await reading
        await consumer.close()
      },
    }
  }
}

async function ourScene(t: TestContext, strategy: ConsumerOptions['partitionAssignmentStrategy']) {
  const told: Told = { revoked: [], lost: [], failed: [] }
  return { told, ...(await scene(t, ours(strategy, told))) }
}

describe('live reset under members of ours', { concurrency: true }, () => {
  for (const strategy of ['range', 'cooperative_sticky'] as const) {
    test(`${strategy}, idle: they give up, and read all from the target on`, async (t) => {
      const { admin, seen, reset, told } = await ourScene(t, strategy)
      assert.equal((await reset(10_000)).mode, 'handed over')
      await mustBeReadAgain(admin, seen)
      assert.deepEqual([[...new Set(told.revoked)], told.lost, told.failed], [['offsets reset'], [], []])
    })

    test(`${strategy}, in the middle of a handler: what it has done is committed first`, async (t) => {
      const { admin, seen, members, produce, reset, told } = await ourScene(t, strategy)
      const holds = members.map((member) => member.hold())
      await produce(1)
      await Promise.all(holds.map(({ begun }) => begun))
      const answer = reset(10_000)
      await eventually(async () => {
        const [found] = await admin.describeGroups([group])
        assert.equal(found?.state, 'PreparingRebalance')
      })
      for (const { letGo } of holds) letGo()
      const { mode, changes } = await answer
      assert.equal(mode, 'handed over')
      assert.deepEqual([...new Set(changes.map(({ oldOffset }) => oldOffset))], [recordCount + 1], 'commits were taken')
      await mustBeReadAgain(admin, seen, recordCount + 1)
      assert.deepEqual([told.lost, told.failed], [[], []])
    })

    test(`${strategy}, put out in the middle of a handler: its commit fails, and what it had is lost`, async (t) => {
      const { admin, seen, members, produce, reset, told } = await ourScene(t, strategy)
      const holds = members.map((member) => member.hold())
      await produce(1)
      await Promise.all(holds.map(({ begun }) => begun))
      const { mode } = await reset(0)
      for (const { letGo } of holds) letGo()
      assert.equal(mode, 'fenced')
      await eventually(() => assert.deepEqual([told.lost, told.failed.length], [['offsets reset', 'offsets reset'], 2]))
      for (const error of told.failed) assert.ok(error instanceof CommitFailedError)
      await mustBeReadAgain(admin, seen, recordCount + 1)
    })
  }
})
