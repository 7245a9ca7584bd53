import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engines } from './engines.js'
import { batchOf, marker, type OnePartition } from './log-fixture.js'

function inTransaction(producerId: number, baseSequence: number, producerEpoch = 0): Buffer {
  return batchOf([`p${producerId}=v`], { producerId, producerEpoch, baseSequence, isTransactional: true })
}

function committed(part: OnePartition, offset: number, maxBytes = 1 << 20) {
  return part.read(offset, { isolation: 'committed', maxBytes })
}

for (const engine of engines) {
  test(`${engine.name}: readers of committed records stop where the oldest open transaction begins`, async () => {
    const part = await engine.partition()
    await part.append(batchOf(['a=1']))
    await part.append(inTransaction(7, 0))
    await part.append(inTransaction(8, 0))
    await part.append(batchOf(['b=1']))
    assert.equal(part.log.lastStableOffset, 1)
    assert.equal((await committed(part, 1)).size, 0)
    await part.appendOwn(marker('COMMIT', 8))
    assert.equal(part.log.lastStableOffset, 1)
    await part.appendOwn(marker('COMMIT', 7))
    assert.equal(part.log.lastStableOffset, 6)
    assert.deepEqual((await committed(part, 0)).abortedTransactions, [])
    await part.logs.close()
  })

  test(`${engine.name}: aborted transactions that overlap what was read are listed by first offset`, async () => {
    const part = await engine.partition()
    for (const producerId of [7, 8, 9]) await part.append(inTransaction(producerId, 0))
    for (const producerId of [8, 9, 7]) await part.appendOwn(marker(producerId === 9 ? 'COMMIT' : 'ABORT', producerId))
    await part.append(inTransaction(7, 1))
    await part.appendOwn(marker('ABORT', 7))
    const check = async () => {
      const all = (await committed(part, 0)).abortedTransactions
      assert.deepEqual(all, [
        { producerId: 7, firstOffset: 0 },
        { producerId: 8, firstOffset: 1 },
        { producerId: 7, firstOffset: 6 },
      ])
      assert.deepEqual((await committed(part, 4)).abortedTransactions, [
        { producerId: 7, firstOffset: 0 },
        { producerId: 7, firstOffset: 6 },
      ])
      assert.deepEqual((await committed(part, 0, 1)).abortedTransactions, [{ producerId: 7, firstOffset: 0 }])
      assert.deepEqual((await committed(part, 6)).abortedTransactions, [{ producerId: 7, firstOffset: 6 }])
    }
    await check()
    await part.restart()
    await check()
    await part.logs.close()
  })

  test(`${engine.name}: a transaction that is open at a restart is open afterwards`, async () => {
    const part = await engine.partition()
    await part.append(batchOf(['a=1']))
    await part.append(inTransaction(7, 0))
    await part.restart()
    assert.deepEqual([part.log.lastStableOffset, part.log.highWatermark], [1, 2])
    assert.equal(
      (await part.append(batchOf(['p7=v'], { producerId: 7, producerEpoch: 0, baseSequence: 1 }))).errorCode,
      48,
    )
    await part.appendOwn(marker('ABORT', 7))
    assert.equal(part.log.lastStableOffset, 3)
    await part.logs.close()
  })

  test(`${engine.name}: the last stable offset is not before the start of a log cut into an open transaction`, async () => {
    const part = await engine.partition()
    await part.append(inTransaction(7, 0))
    await part.append(inTransaction(7, 1))
    await part.append(batchOf(['a=1']))
    await part.log.deleteRecordsBefore(2)
    const check = async () => {
      assert.deepEqual([part.log.logStartOffset, part.log.lastStableOffset, part.log.highWatermark], [2, 2, 3])
      const { errorCode, size } = await committed(part, 2)
      assert.deepEqual([errorCode, size], [0, 0])
    }
    await check()
    await part.restart()
    await check()
    await part.appendOwn(marker('COMMIT', 7))
    assert.equal(part.log.lastStableOffset, 4)
    await part.logs.close()
  })

  test(`${engine.name}: late markers are refused, and a marker of a newer epoch begins the sequences again`, async () => {
    const part = await engine.partition()
    await part.append(inTransaction(7, 0, 5))
    assert.equal((await part.appendOwn(marker('COMMIT', 7, 4))).errorCode, 47)
    assert.equal((await part.appendOwn(marker('ABORT', 7, 6, 3))).errorCode, 0)
    assert.equal((await part.appendOwn(marker('ABORT', 7, 6, 2))).errorCode, 52)
    assert.equal((await part.append(inTransaction(7, 1, 5))).errorCode, 47)
    assert.equal((await part.append(inTransaction(7, 1, 6))).errorCode, 45)
    assert.equal((await part.append(inTransaction(7, 0, 6))).errorCode, 0)
    await part.logs.close()
  })
}
