import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLog } from '../../../src/log/read-log.js'
import { AbortedTransactions } from '../../../src/log/state/aborted-transactions.js'
import { FaultyWire } from '../../database/faulty-wire.js'
import { appendDurably } from '../stored-partition.js'
import { TwoBrokers } from './two-brokers.js'

const HALF_A_MINUTE_MS = 30_000

test('whoever waits at the end gets what comes from memory, however long it has not come; who has not waited asks the database', async () => {
  const brokers = await TwoBrokers.start()
  const wire = new FaultyWire()
  const part = await brokers.open(brokers.storage(wire, { tailCacheBytes: 1_000_000 }))
  const read = async (offset: number) => {
    const { endOffset } = part.store
    const log = { logStartOffset: 0, logEndOffset: endOffset, highWatermark: endOffset, lastStableOffset: endOffset }
    const aborted = new AbortedTransactions()
    const limits = { maxBytes: 1_000_000, atLeastOne: true, isolation: 'uncommitted' as const }
    return (await readLog({ ...log, aborted }, part.store, { offset, ...limits })).records.length
  }
  await appendDurably(part)
  assert.equal(await read(0), 1)
  assert.equal(wire.calls.filter((call) => call === 'read').length, 1, 'nobody waited for it')
  for (const offset of [1, 2, 3]) {
    brokers.clock.time += HALF_A_MINUTE_MS
    assert.equal(await read(offset), 0)
    await appendDurably(part)
    assert.equal(await read(offset), 1)
  }
  assert.equal(wire.calls.filter((call) => call === 'read').length, 1)
})
