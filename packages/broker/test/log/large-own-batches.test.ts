import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchesOf, batchRecordCount, buildBatch, isBatchCrcRight } from '@rivven/protocol'
import { engines } from './engines.js'

const count = 40_000
const value = Buffer.alloc(190)

/** As large as a reset of offsets is at most, far above what clients may send. */
function largeBatch(): Buffer {
  const timestamp = 1_700_000_000_000
  const records = Array.from({ length: count }, (_, key) => ({ key: Buffer.from(String(key)), value, timestamp }))
  return buildBatch({ records })
}

for (const { name, partition } of engines) {
  test(`${name}: a batch of 8 MB of a coordinator is stored as one, and read after a restart`, async () => {
    const stored = await partition()
    assert.equal((await stored.appendOwn(largeBatch())).errorCode, 0)
    await stored.restart()
    assert.equal(stored.log.logEndOffset, count)
    const { records } = await stored.read(0)
    const batches = records.flatMap((read) => [...batchesOf(read)])
    assert.deepEqual([batches.length, batches[0] && batchRecordCount(batches[0])], [1, count])
    assert.ok(batches[0] && batches[0].length > 8_000_000 && isBatchCrcRight(batches[0]))
  })
}
