import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  commitInTransaction,
  commitOffsets,
  defaultGroupConfig,
  endTransaction,
  fetchOffsets,
  offsetCommitRefusal,
  txnOffsetCommitRefusal,
} from '@rivven/groups'
import type { OffsetCommitRequest } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import { GroupRules } from '../../src/coordinator/groups/group-rules.js'
import { ShardHost } from '../../src/coordinator/shards/shard-host.js'
import type { PartitionLog } from '../../src/log/partition-log.js'
import { silentLog } from '../../src/log-output.js'
import { engines } from '../log/engines.js'
import { asker, commitOf } from './group-requests.js'
import { TestClock } from './test-clock.js'

const runtime = { clock: new TestClock(), random: { uuid: () => 'id' } } as unknown as Runtime
const logger = silentLog()

async function groupsOn(log: PartitionLog) {
  const rules = new GroupRules({ runtime, config: defaultGroupConfig, logger })
  const host = new ShardHost({ log, runtime, logger, rules })
  await host.load()
  return host
}

type Host = Awaited<ReturnType<typeof groupsOn>>

async function commit(host: Host, partition: number, offset: number): Promise<void> {
  const request = commitOf('g', { [partition]: offset }) as OffsetCommitRequest
  const refuse = (errorCode: number) => offsetCommitRefusal(request, errorCode)
  await host.run({ run: commitOffsets, refuse }, request, asker)
}

async function hold(host: Host, producerId: number, partition: number, offset: number): Promise<void> {
  const { topics } = commitOf('g', { [partition]: offset })
  const member = { generationId: -1, memberId: '', groupInstanceId: null }
  const request = { transactionalId: 'x', groupId: 'g', producerId, producerEpoch: 0, ...member, topics }
  const refuse = (errorCode: number) => txnOffsetCommitRefusal(request, errorCode)
  await host.run({ run: commitInTransaction, refuse }, request, asker)
}

async function end(host: Host, producerId: number, committed: boolean): Promise<void> {
  const ended = { producerId, producerEpoch: 0, committed, coordinatorEpoch: 0, transactionVersion: 0 }
  await host.run({ run: endTransaction, refuse: (errorCode: number) => errorCode }, ended, asker)
}

/** Offset and error of each partition, stable ones asked for. */
function look(host: Host): string[] {
  const topics = [{ ...commitOf('g', {}).topics[0]!, partitionIndexes: [0, 1, 2] }]
  const { partitions } = fetchOffsets(host.shard, { groupId: 'g', topics }, true).topics[0]!
  return partitions.map(({ committedOffset, errorCode }) => `${committedOffset} ${errorCode}`)
}

/** Numbers below `bound`, the same for each seed. */
function seeded(seed: number): (bound: number) => number {
  let state = seed | 0
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 16) % bound
  }
}

test('offsets of transactions are the same in memory and after any number of compactions and loads', async () => {
  const firstSeed = Math.floor(Math.random() * 2 ** 30)
  for (let seed = firstSeed; seed < firstSeed + 10; seed++) {
    const next = seeded(seed)
    const part = await engines[0]!.partition({
      cleanupPolicy: { compact: true, delete: false },
      segmentBytes: 600,
      minCleanableDirtyRatio: 0,
      deleteRetentionMs: 1000,
    })
    let host = await groupsOn(part.log)
    for (let step = 1; step <= 120; step++) {
      const producerId = 1 + next(3)
      const what = next(5)
      if (what < 2) await hold(host, producerId, next(3), step)
      else if (what === 2) await commit(host, next(3), step)
      else await end(host, producerId, what === 3)
      if (next(10) !== 0) continue
      part.clock.time += next(2) * 600
      await part.logs.clean()
      const again = await groupsOn(part.log)
      assert.deepEqual(look(again), look(host), `seed ${seed}, step ${step}`)
      host = again
    }
    await part.logs.close()
  }
})
