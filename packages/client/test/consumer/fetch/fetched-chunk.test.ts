import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordTooLargeError, RivvenError } from '@rivven/link'
import { AbortedFilter, buildControlBatch, buildEmptyBatch, crc32c, readBatchHeader } from '@rivven/protocol'
import { batch, chunk, offsetsOf } from './fetched.js'

const abort = (producerId: number, baseOffset: number) => marker('ABORT', producerId, baseOffset)
const commit = (producerId: number, baseOffset: number) => marker('COMMIT', producerId, baseOffset)

function marker(type: 'ABORT' | 'COMMIT', producerId: number, baseOffset: number): Buffer {
  return buildControlBatch({ type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1, baseOffset })
}

test('records before the position, where the first batch begins earlier, are left out', () => {
  const fetched = chunk(Buffer.concat([batch({ baseOffset: 5, count: 10 }), batch({ baseOffset: 15, count: 2 })]), 12)
  assert.deepEqual(offsetsOf(fetched), [12, 13, 14, 15, 16])
  assert.equal(fetched.end.offset, 17)
})

test('records can be taken in portions that cut batches anywhere', () => {
  const records = Buffer.concat([batch({ baseOffset: 0, count: 5 }), batch({ baseOffset: 5, count: 4 })])
  for (const portion of [1, 2, 3, 5, 9, 20]) {
    assert.deepEqual(offsetsOf(chunk(records), portion), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  }
})

test('the position stands behind each record taken, and carries the epoch of its batch', () => {
  const fetched = chunk(
    Buffer.concat([batch({ baseOffset: 0, count: 2, leaderEpoch: 3 }), batch({ baseOffset: 2, leaderEpoch: 4 })]),
  )
  const steps = [1, 2, 3].map(() => {
    fetched.take(1, [])
    return fetched.position
  })
  assert.deepEqual(steps, [
    { offset: 1, leaderEpoch: 3 },
    { offset: 2, leaderEpoch: 3 },
    { offset: 3, leaderEpoch: 4 },
  ])
})

test('an incomplete batch at the end is ignored', () => {
  const whole = batch({ baseOffset: 0, count: 2 })
  const cut = batch({ baseOffset: 2, count: 2 })
  for (const length of [5, 16, 17, 60, cut.length - 1]) {
    const fetched = chunk(Buffer.concat([whole, cut.subarray(0, length)]))
    assert.deepEqual([fetched.end.offset, ...offsetsOf(fetched)], [2, 0, 1])
  }
})

test('a first batch that is incomplete is too large', () => {
  const cut = batch({ baseOffset: 0, count: 20 }).subarray(0, 100)
  assert.throws(() => chunk(cut), RecordTooLargeError)
})

test('gaps that compaction left at the end of a batch are passed over', () => {
  const header = readBatchHeader(batch({ baseOffset: 0, count: 8 }))
  const fetched = chunk(buildEmptyBatch(header), 3)
  assert.deepEqual(offsetsOf(fetched), [])
  assert.equal(fetched.position.offset, 8)
})

test('markers occupy offsets and are never given out', () => {
  const records = Buffer.concat([
    batch({ baseOffset: 0, producerId: 7 }),
    commit(7, 1),
    batch({ baseOffset: 2 }),
    abort(7, 3),
  ])
  const fetched = chunk(records)
  assert.deepEqual(offsetsOf(fetched), [0, 2])
  assert.equal(fetched.position.offset, 4)
})

test('a batch with a wrong checksum is refused each time, and what comes before it is given out', () => {
  const broken = batch({ baseOffset: 1 })
  broken[62]! ^= 1
  const fetched = chunk(Buffer.concat([batch({ baseOffset: 0 }), broken]))
  assert.equal(fetched.take(1, []), 1)
  for (let time = 0; time < 2; time++) {
    assert.throws(
      () => fetched.take(1, []),
      (error) => error instanceof RivvenError && error.code === 'CORRUPT_MESSAGE' && error.facts.offset === 1,
    )
  }
})

test('several aborted transactions of one producer in one answer are all left out, and committed ones between are not', () => {
  const records = Buffer.concat([
    batch({ baseOffset: 0, producerId: 1 }),
    abort(1, 1),
    batch({ baseOffset: 2, producerId: 1 }),
    commit(1, 3),
    batch({ baseOffset: 4, producerId: 2 }),
    batch({ baseOffset: 5, producerId: 1 }),
    batch({ baseOffset: 6 }),
    abort(1, 7),
    batch({ baseOffset: 8, producerId: 1 }),
    abort(2, 9),
    commit(1, 10),
  ])
  const aborted = [
    { producerId: 1, firstOffset: 5 },
    { producerId: 2, firstOffset: 4 },
    { producerId: 1, firstOffset: 0 },
  ]
  for (const portion of [1, 100]) {
    assert.deepEqual(offsetsOf(chunk(records, 0, new AbortedFilter(aborted)), portion), [2, 6, 8])
  }
  assert.deepEqual(offsetsOf(chunk(records)), [0, 2, 4, 5, 6, 8])
})

test('an aborted transaction that began before the answer is left out up to its marker', () => {
  const records = Buffer.concat([
    batch({ baseOffset: 10, producerId: 1 }),
    abort(1, 11),
    batch({ baseOffset: 12, producerId: 1 }),
  ])
  assert.deepEqual(offsetsOf(chunk(records, 10, new AbortedFilter([{ producerId: 1, firstOffset: 2 }]))), [12])
})

test('what is no batch from its first byte on is an error of the broker, whatever size it claims', () => {
  for (const size of [-1, -0x1000000, 0, 0x7fffffff]) {
    const bytes = Buffer.alloc(100)
    bytes.writeInt32BE(size, 8)
    bytes[16] = 0x76
    assert.throws(
      () => chunk(bytes),
      (error) =>
        error instanceof RivvenError && error.code === 'CORRUPT_MESSAGE' && error.facts.nextOffset === undefined,
    )
  }
})

const damaged = (change: (bytes: Buffer) => void, made = batch({ baseOffset: 5, count: 3 })): Buffer => {
  const bytes = Buffer.from(made)
  change(bytes)
  return bytes
}
/** Each kind of damage in a batch that begins at offset 5: what the checksum covers, and what stands outside of it. */
const damages: Readonly<Record<string, Buffer>> = {
  record: damaged((bytes) => (bytes[70]! ^= 1)),
  'base offset': damaged((bytes) => bytes.writeBigInt64BE(2n, 0)),
  length: damaged((bytes) => bytes.writeInt32BE(3, 8)),
  format: damaged((bytes) => (bytes[16]! ^= 1)),
  'negative length': damaged((bytes) => bytes.writeInt32BE(-1, 8)),
}

test('what stands before damage is read, the damage itself is an error, and nothing behind it is passed over', () => {
  const [before, behind] = [batch({ baseOffset: 0, count: 5 }), batch({ baseOffset: 8, count: 2 })]
  for (const [what, bytes] of Object.entries(damages)) {
    let at = 0
    const seen: number[] = []
    const readOn = () => {
      const records = at === 0 ? Buffer.concat([before, bytes, behind]) : Buffer.concat([bytes, behind])
      const fetched = chunk(records, at)
      seen.push(...offsetsOf(fetched))
      at = fetched.end.offset
      assert.ok(at <= 5, `${what}: behind the damage without an error`)
    }
    assert.throws(
      () => {
        readOn()
        readOn()
      },
      (error) => error instanceof RivvenError && error.code === 'CORRUPT_MESSAGE',
      what,
    )
    if (what !== 'record') assert.deepEqual(seen, [0, 1, 2, 3, 4], what)
  }
})

test('where the batch behind confirms it, an error of damage says where to go on', () => {
  const bytes = Buffer.concat([damages.record!, batch({ baseOffset: 8 })])
  const nextOffset = (records: Buffer) => {
    try {
      offsetsOf(chunk(records, 5))
    } catch (error) {
      return (error as RivvenError).facts.nextOffset
    }
    return assert.fail('it was read')
  }
  assert.equal(nextOffset(bytes), 8)
  assert.equal(nextOffset(damages.record!), undefined)
  assert.equal(nextOffset(Buffer.concat([damages.record!, batch({ baseOffset: 9 })])), undefined)
})

test('a batch that lies before the offset that was asked for is an error, and not fetched again and again', () => {
  assert.throws(() => chunk(batch({ baseOffset: 0, count: 3 }), 3), /begins at offset 0, where 3 or more must come/)
})

test('a batch beyond all offsets that are counted exactly is damage, and no position comes of it', () => {
  const last = Number.MAX_SAFE_INTEGER
  assert.equal(chunk(batch({ baseOffset: last - 3, count: 3 }), 7).end.offset, last)
  for (const records of [batch({ baseOffset: last - 3, count: 4 }), batch({ baseOffset: 2 ** 60 })])
    assert.throws(() => chunk(records, 7), { code: 'CORRUPT_MESSAGE', message: /beyond all that are counted/ })
  const fetched = chunk(Buffer.concat([batch({ baseOffset: 7 }), batch({ baseOffset: 2 ** 60 })]), 7)
  assert.deepEqual([fetched.end.offset, ...offsetsOf(fetched)], [8, 7])
})

test('a record behind the end of its batch is damage: the position would pass over what comes next', () => {
  const records = batch({ baseOffset: 5, count: 3 })
  records.writeInt32BE(1, 23)
  records.writeUInt32BE(crc32c(records.subarray(21)), 17)
  const fetched = chunk(records, 5)
  for (let poll = 0; poll < 2; poll++)
    assert.throws(() => fetched.take(10, []), { code: 'CORRUPT_MESSAGE', message: /offset 7; its batch ends at 6/ })
  assert.equal(fetched.position.offset, 7)
})
