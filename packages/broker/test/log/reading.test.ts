import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchBaseOffset, batchesOf, batchLeaderEpoch, ErrorCode } from '@rivven/protocol'
import { engines } from './engines.js'
import { batchOf } from './log-fixture.js'

for (const engine of engines) {
  test(`${engine.name}: a read begins with the batch that holds the offset and ends with a whole one`, async () => {
    const part = await engine.partition()
    for (const name of ['a', 'b', 'c', 'd']) await part.append(batchOf([`${name}=1`, `${name}=2`, `${name}=3`]))
    const size = batchOf(['a=1', 'a=2', 'a=3']).length
    const result = await part.read(4, { maxBytes: size * 2 + 5 })
    const batches = result.records.flatMap((records) => [...batchesOf(records)])
    assert.deepEqual(
      batches.map((batch) => batchBaseOffset(batch)),
      [3, 6],
    )
    assert.equal(result.size, size * 2)
    assert.deepEqual([result.highWatermark, result.lastStableOffset, result.logStartOffset], [12, 12, 0])
    assert.equal(result.abortedTransactions, null)
    await part.logs.close()
  })

  test(`${engine.name}: a batch larger than maxBytes is given only if one must be`, async () => {
    const part = await engine.partition()
    await part.append(batchOf([`a=${'x'.repeat(5000)}`]))
    await part.append(batchOf(['b=1']))
    assert.equal((await part.read(0, { maxBytes: 100, atLeastOne: false })).size, 0)
    const first = await part.read(0, { maxBytes: 100 })
    assert.ok(first.size > 5000)
    assert.equal(first.records.flatMap((records) => [...batchesOf(records)]).length, 1)
    await part.logs.close()
  })

  test(`${engine.name}: the end of the log can be asked for and holds nothing; beyond is out of range, as is below the start`, async () => {
    const part = await engine.partition()
    for (const name of ['a', 'b', 'c']) await part.append(batchOf([`${name}=1`]))
    await part.log.deleteRecordsBefore(1)
    assert.deepEqual([(await part.read(3)).errorCode, (await part.read(3)).size], [ErrorCode.NONE, 0])
    assert.equal((await part.read(4)).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE)
    assert.equal((await part.read(0)).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE)
    assert.deepEqual(await part.contents(), ['1 b=1', '2 c=1'])
    await part.logs.close()
  })

  test(`${engine.name}: reads go on from one segment into the next, before and after a restart`, async () => {
    const part = await engine.partition({ segmentBytes: 300 })
    const expected: string[] = []
    for (let index = 0; index < 40; index++) {
      await part.append(batchOf([`k${index}=v`]))
      expected.push(`${index} k${index}=v`)
    }
    assert.ok(part.log.store.segments.length >= 10)
    assert.deepEqual(await part.contents(), expected)
    await part.restart()
    assert.deepEqual(await part.contents(), expected)
    assert.deepEqual(await part.contents(17), expected.slice(17))
    await part.logs.close()
  })

  test(`${engine.name}: listeners are told of new records, of a new start and of the end`, async () => {
    const part = await engine.partition()
    const seen: number[] = []
    const stop = part.log.onChange(() => seen.push(part.log.highWatermark))
    await Promise.all([part.append(batchOf(['a=1'])), part.append(batchOf(['b=1'])), part.append(batchOf(['c=1']))])
    assert.ok(seen.length >= 1 && seen.length < 3, `told ${seen.length} times of one gathered write`)
    assert.equal(seen.at(-1), 3)
    const count = seen.length
    await part.log.deleteRecordsBefore(2)
    assert.ok(seen.length > count)
    stop()
    const stopped = seen.length
    await part.append(batchOf(['d=1']))
    assert.equal(seen.length, stopped)
    let isToldOfEnd = false
    part.log.onChange(() => {
      isToldOfEnd = true
    })
    await part.logs.delete('orders')
    assert.ok(isToldOfEnd)
    assert.equal((await part.append(batchOf(['e=1']))).errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
    await part.logs.close()
  })

  test(`${engine.name}: each start has a leader epoch of its own, stamped on its batches`, async () => {
    const part = await engine.partition()
    await part.append(batchOf(['a=1', 'b=1']))
    await part.restart()
    await part.restart()
    await part.append(batchOf(['c=1']))
    assert.equal(part.log.leaderEpoch, 2)
    const [first, second] = (await part.read(0)).records.flatMap((records) => [...batchesOf(records)])
    assert.deepEqual([batchLeaderEpoch(first!), batchLeaderEpoch(second!)], [0, 2])
    assert.deepEqual(part.log.endOffsetForEpoch(0), { leaderEpoch: 0, endOffset: 2 })
    assert.deepEqual(part.log.endOffsetForEpoch(1), { leaderEpoch: 0, endOffset: 2 })
    assert.deepEqual(part.log.endOffsetForEpoch(2), { leaderEpoch: 2, endOffset: 3 })
    assert.deepEqual(part.log.endOffsetForEpoch(3), { leaderEpoch: -1, endOffset: -1 })
    assert.deepEqual([part.log.epochOfOffset(1), part.log.epochOfOffset(2)], [0, 2])
    await part.logs.close()
  })

  test(`${engine.name}: what deleteRecords took stays gone after a restart`, async () => {
    const part = await engine.partition()
    for (const name of ['a', 'b', 'c']) await part.append(batchOf([`${name}=1`]))
    await part.log.deleteRecordsBefore(2)
    await part.restart()
    assert.equal(part.log.logStartOffset, 2)
    await part.log.deleteRecordsBefore(1)
    assert.equal(part.log.logStartOffset, 2)
    assert.deepEqual(await part.contents(), ['2 c=1'])
    await part.logs.close()
  })
}
