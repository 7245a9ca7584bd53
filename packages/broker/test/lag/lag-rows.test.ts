import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LagRow } from '../../src/lag/lag-row.js'
import { compactLog } from '../../src/log/cleaning/compaction.js'
import { batchOf } from '../log/log-fixture.js'
import { LagScene } from './lag-scene.js'

interface Case {
  readonly what: string
  readonly config?: Parameters<typeof LagScene.open>[0]
  /** Ends one minute after the begin. */
  readonly done: (scene: LagScene) => Promise<void>
  readonly row: Partial<LagRow>
}

/** The table of the definition (docs/monitoring.md): one case a row, looked at a minute after the begin. */
const cases: readonly Case[] = [
  {
    what: 'the first batch that was not read has waited since it came',
    done: async (scene) => {
      await scene.produce()
      scene.at(20_500)
      await scene.produce(3)
      scene.commit(1)
    },
    row: { lag: 3, waiting: true, lagSeconds: 39.5, exact: true, lost: 0 },
  },
  {
    what: 'who has read everything is 0 s behind, however long ago that was',
    done: async (scene) => {
      await scene.produce()
      scene.commit(1)
    },
    row: { lag: 0, waiting: false, lagSeconds: 0, catchUpSeconds: 0 },
  },
  {
    what: 'an offset inside of a batch: that batch waits',
    done: async (scene) => {
      await scene.produce(5)
      scene.at(30_000)
      await scene.produce()
      scene.commit(3)
    },
    row: { lag: 3, lagSeconds: 60 },
  },
  {
    what: 'records were removed before they were read: what is left waits, and how many are lost is told',
    done: async (scene) => {
      for (const ms of [0, 10_000, 20_000]) {
        scene.at(ms)
        await scene.produce(2)
      }
      scene.commit(1)
      await scene.part.log.deleteRecordsBefore(4)
    },
    row: { lag: 5, waiting: true, lagSeconds: 40, lost: 3, logStartOffset: 4 },
  },
  {
    what: 'all was removed before it was read: nothing waits, and it is told as lost',
    done: async (scene) => {
      await scene.produce(6)
      scene.commit(1)
      await scene.part.log.deleteRecordsBefore(6)
    },
    row: { lag: 5, waiting: false, lagSeconds: 0, lost: 5 },
  },
  {
    what: 'a gap that compaction has left: the next batch with records waits',
    config: { cleanupPolicy: { compact: true, delete: false }, segmentBytes: 200, minCleanableDirtyRatio: 0 },
    done: async (scene) => {
      await scene.produce(2)
      scene.at(10_000)
      await scene.produce(2)
      scene.part.log.roll()
      scene.at(20_000)
      await scene.produce(1)
      await compactLog(scene.part.log, scene.part.clock)
      scene.commit(0)
    },
    row: { lag: 5, waiting: true, lagSeconds: 50 },
  },
  {
    what: 'only markers behind the offset: nothing waits',
    done: async (scene) => {
      await scene.produceOpen()
      await scene.end('COMMIT')
      scene.commit(1)
    },
    row: { lag: 1, waiting: false, lagSeconds: 0 },
  },
  {
    what: 'only aborted records, for who reads committed ones: nothing waits',
    done: async (scene) => {
      scene.join('m', [0], 'committed')
      scene.commit(0)
      await scene.produceOpen()
      await scene.end('ABORT')
    },
    row: { lag: 2, waiting: false, lagSeconds: 0, heldBackSeconds: null },
  },
  {
    what: 'the same, for who reads all: they wait',
    done: async (scene) => {
      scene.join('m', [0], 'uncommitted')
      scene.commit(0)
      await scene.produceOpen()
      await scene.end('ABORT')
    },
    row: { lag: 2, waiting: true, lagSeconds: 60 },
  },
  {
    what: 'an open transaction in front, for who reads committed records: 0, and how long it holds back',
    done: async (scene) => {
      scene.join('m', [0], 'committed')
      scene.commit(0)
      scene.at(15_000)
      await scene.produceOpen()
      scene.at(30_000)
      await scene.produce()
    },
    row: { lag: 2, waiting: false, lagSeconds: 0, heldBackSeconds: 45 },
  },
  {
    what: 'the same, where one of two members reads all: as ever',
    done: async (scene) => {
      scene.join('m', [0], 'committed')
      scene.join('n', [0], 'uncommitted')
      scene.commit(0)
      scene.at(15_000)
      await scene.produceOpen()
    },
    row: { lag: 1, waiting: true, lagSeconds: 45, heldBackSeconds: null },
  },
  {
    what: 'the same, where nobody knows who reads: as ever',
    done: async (scene) => {
      scene.commit(0)
      await scene.produceOpen()
    },
    row: { lag: 1, lagSeconds: 60, heldBackSeconds: null },
  },
  {
    what: 'an offset in an open transaction: the committed one counts',
    done: async (scene) => {
      await scene.produce(3)
      scene.commit(1)
      const times = { commitTimestamp: scene.now, expireTimestamp: -1 }
      const offset = { offset: 3, leaderEpoch: -1, metadata: '', topicId: 'x', ...times }
      scene.group.offsets.hold(9, { topic: 'orders', partition: 0, offset })
    },
    row: { currentOffset: 1, lag: 2, lagSeconds: 60, pending: true },
  },
  {
    what: 'an offset beyond the end is no lag of 0',
    done: async (scene) => {
      await scene.produce(2)
      scene.commit(5)
    },
    row: { lag: -3, waiting: false, lagSeconds: null },
  },
  {
    what: 'timestamps of years ago are no reason for an old lag',
    done: async (scene) => {
      scene.commit(0)
      scene.at(50_000)
      await scene.part.append(batchOf(['old=1'], {}, 1_000))
    },
    row: { lag: 1, lagSeconds: 10, basis: 'arrival' },
  },
  {
    what: 'a group that a member owns partitions of, and in which it rebalances, has its row',
    done: async (scene) => {
      await scene.produce()
      scene.commit(0)
      scene.join('m', [0])
      scene.group.state = 'PreparingRebalance'
    },
    row: { lag: 1, lagSeconds: 60, owner: 'm', pending: false },
  },
]

for (const { what, config, done, row } of cases) {
  test(what, async () => {
    const scene = await LagScene.open(config)
    await done(scene)
    scene.at(60_000)
    const found = await scene.row()
    assert.deepEqual(Object.fromEntries(Object.keys(row).map((key) => [key, found[key as keyof LagRow]])), row)
  })
}

test('of a deleted topic, and of one that was made anew, there is no row', async () => {
  const scene = await LagScene.open()
  await scene.produce()
  scene.commit(0, 'BBBBBBBBBBBBBBBBBBBBBQ')
  assert.deepEqual(await scene.rows(), [])
  scene.commit(0)
  assert.equal((await scene.rows()).length, 1)
  scene.deleteTopic()
  assert.deepEqual(await scene.rows(), [])
})

test('a partition that a member owns, and in which nothing was committed, has a row that tells where it ends if somebody knows', async () => {
  const scene = await LagScene.open()
  await scene.produce(2)
  scene.join('m', [0, 1])
  const rows = await scene.rows()
  assert.deepEqual(
    rows.map(({ partition, currentOffset, logEndOffset, lag, lagSeconds, owner }) => [
      ...[partition, currentOffset, logEndOffset, lag, lagSeconds, owner],
    ]),
    [
      [0, null, 2, null, null, 'm'],
      [1, null, null, null, null, 'm'],
    ],
  )
})
