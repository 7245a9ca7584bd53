import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ledPartition } from './log-rows.js'
import { hasPostgres, PostgresUnderTest } from './postgres-under-test.js'

const skip = !hasPostgres && 'there is no PostgreSQL'

test('checkpoints that replace each other do not grow, also where PostgreSQL has forgotten that they do', {
  skip,
}, async () => {
  const shared = await PostgresUnderTest.start()
  const database = await shared.connect()
  const { term } = await ledPartition(database)
  const write = async () => {
    for (let offset = 0; offset < 40; offset++)
      await database.logs.checkpoint(term, { startOffset: 0, offset, state: Buffer.alloc(65_536), segments: [] })
  }
  const table = `'${shared.schema}.checkpoint'::regclass`
  const size = async () => Number((await shared.ask(`select pg_total_relation_size(${table}) as size`))[0]!.size)
  await write()
  const before = await size()
  for (let round = 0; round < 5; round++) {
    // As it is after a start that followed a kill.
    await shared.ask(`select pg_stat_reset_single_table_counters(${table})`)
    await database.logs.sweep()
    await write()
  }
  assert.ok(before > 2 ** 20)
  // Six times as much if nobody tended it. What a round has left is kept for the next one while transactions of others are open.
  assert.ok((await size()) < before * 3, `${before} became ${await size()}`)
})
