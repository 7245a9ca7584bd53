import assert from 'node:assert/strict'
import { test } from 'node:test'
import { append, appendDurably, batchAt, engines, readFrom } from './stored-partition.js'

const bounds = { offset: 0, endOffset: Number.POSITIVE_INFINITY, atLeastOne: true }

for (const { name, make } of engines) {
  test(`${name}: a partition begins empty`, async () => {
    const { store, owner } = await make().open()
    assert.deepEqual(owner.restored, { state: undefined, offset: 0 })
    assert.deepEqual([store.startOffset, store.endOffset, store.durableOffset], [0, 0, 0])
    assert.deepEqual([store.segments, store.size, store.isFull, store.wantsRoll], [[], 0, false, false])
    assert.deepEqual(await readFrom(store, 0), [])
  })

  test(`${name}: batches are told of in their order, and read back in it`, async () => {
    const part = await make().open()
    const { store, owner } = part
    append(store, 2)
    append(store)
    assert.equal(store.endOffset, 3)
    await appendDurably(part, 3)
    assert.deepEqual(
      [store.writtenOffset, store.durableOffset, owner.written_.at(-1), owner.durable_.at(-1)],
      [6, 6, 6, 6],
    )
    assert.deepEqual(
      owner.written_.toSorted((a, b) => a - b),
      owner.written_,
    )
    assert.deepEqual(await readFrom(store, 0), ['0-1', '2-2', '3-5'])
    assert.deepEqual(await readFrom(store, 1), ['0-1', '2-2', '3-5'], 'the batch that holds the offset')
    assert.deepEqual(await readFrom(store, 4), ['3-5'])
    assert.deepEqual(await readFrom(store, 6), [])
  })

  test(`${name}: a read ends at its offset and its size, with one batch at least where that is asked for`, async () => {
    const part = await make().open()
    const { store } = part
    for (let count = 0; count < 3; count++) await appendDurably(part)
    const one = await store.read({ ...bounds, maxBytes: 1 })
    assert.equal(one.nextOffset, 1)
    const none = await store.read({ ...bounds, maxBytes: 1, atLeastOne: false })
    assert.deepEqual([none.size, none.nextOffset], [0, 0])
    const two = await store.read({ ...bounds, endOffset: 2, maxBytes: 1_000_000 })
    assert.equal(two.nextOffset, 2)
  })

  test(`${name}: a start tells the last checkpoint, then what was stored since`, async () => {
    const engine = make()
    const part = await engine.open()
    await appendDurably(part, 2)
    await part.store.checkpoint(1, Buffer.from('two'))
    await appendDurably(part)
    await appendDurably(part, 2)
    const { store, owner } = await engine.open()
    assert.deepEqual(owner.restored, { state: 'two', offset: 2 })
    assert.deepEqual(owner.replayed, ['2-2', '3-4'])
    assert.deepEqual([store.startOffset, store.endOffset, store.durableOffset], [1, 5, 5])
    assert.deepEqual(await readFrom(store, 0), ['0-1', '2-2', '3-4'])
    await appendDurably({ store, owner })
    assert.deepEqual(await readFrom(store, 3), ['3-4', '5-5'])
  })

  test(`${name}: a checkpoint never takes the start back`, async () => {
    const engine = make()
    const part = await engine.open()
    await appendDurably(part, 3)
    await part.store.checkpoint(2, Buffer.from('a'))
    await part.store.checkpoint(1, Buffer.from('b'))
    const { store, owner } = await engine.open()
    assert.deepEqual([store.startOffset, owner.restored?.state], [2, 'b'])
  })

  test(`${name}: after a roll the next append begins a segment; facts of all are there after a start`, async () => {
    const engine = make()
    const part = await engine.open()
    append(part.store, 2, 1000)
    append(part.store, 1, 3000)
    part.store.roll(Buffer.from('rolled'))
    append(part.store, 1, 2000)
    await appendDurably(part, 1, 500)
    const factsOf = (segments: typeof part.store.segments) =>
      segments.map(({ baseOffset, nextOffset, size, firstTimestamp, maxTimestamp, maxTimestampOffset }) => {
        return { baseOffset, nextOffset, size, firstTimestamp, maxTimestamp, maxTimestampOffset }
      })
    const facts = factsOf(part.store.segments)
    assert.deepEqual(
      facts.map(({ size: _, ...fact }) => fact),
      [
        { baseOffset: 0, nextOffset: 3, firstTimestamp: 1000, maxTimestamp: 3000, maxTimestampOffset: 2 },
        { baseOffset: 3, nextOffset: 5, firstTimestamp: 2000, maxTimestamp: 2000, maxTimestampOffset: 3 },
      ],
    )
    assert.equal(part.store.size, facts[0]!.size + facts[1]!.size)
    const again = await engine.open()
    assert.deepEqual(factsOf(again.store.segments), facts)
    assert.equal(again.store.size, part.store.size)
    await again.store.checkpoint(0, Buffer.from('all'))
    const third = await engine.open()
    assert.deepEqual([factsOf(third.store.segments), third.owner.replayed], [facts, []])
  })

  test(`${name}: an offset is found before which nothing has a timestamp`, async () => {
    const part = await make().open()
    for (const timestamp of [1000, 3000, 2000]) await appendDurably(part, 1, timestamp)
    part.store.roll(Buffer.from('rolled'))
    await appendDurably(part, 1, 5000)
    for (const [timestamp, before] of [
      [500, 0],
      [3000, 1],
      [4000, 3],
    ] as const) {
      const offset = await part.store.offsetBeforeTimestamp(timestamp)
      assert.ok(offset !== undefined && offset <= before, `${timestamp}: ${offset}`)
    }
    assert.equal(await part.store.offsetBeforeTimestamp(4000), 3, 'not in the first segment')
    assert.equal(await part.store.offsetBeforeTimestamp(5001), undefined)
  })

  test(`${name}: removed segments stay removed, and their offsets are not given again`, async () => {
    const engine = make()
    const part = await engine.open()
    for (let count = 0; count < 3; count++) {
      await appendDurably(part)
      part.store.roll(Buffer.from('rolled'))
    }
    await part.store.checkpoint(2, Buffer.from('removed'))
    await part.store.removeSegmentsBefore(2)
    assert.deepEqual(
      part.store.segments.map(({ baseOffset }) => baseOffset),
      [2],
    )
    assert.deepEqual(await readFrom(part.store, 2), ['2-2'])
    await part.store.checkpoint(3, Buffer.from('removed'))
    await part.store.removeSegmentsBefore(3)
    const { store } = await engine.open()
    assert.deepEqual([store.segments.length, store.startOffset, store.endOffset, store.size], [0, 3, 3, 0])
  })

  test(`${name}: a rewrite takes the place of its segments when it is committed, and not before`, async () => {
    const engine = make()
    const part = await engine.open()
    await appendDurably(part)
    await appendDurably(part)
    part.store.roll(Buffer.from('a'))
    await appendDurably(part)
    part.store.roll(Buffer.from('b'))
    await appendDurably(part)
    const rewrite = await part.store.rewrite(0, 3)
    // The last one: a pass keeps its end offset.
    const kept = batchAt(2, ['kept=1'])
    await rewrite.add(kept)
    assert.deepEqual(await readFrom(part.store, 0), ['0-0', '1-1', '2-2', '3-3'], 'the old ones serve')
    const between = await engine.open()
    assert.deepEqual(await readFrom(between.store, 0), ['0-0', '1-1', '2-2', '3-3'], 'a crash leaves nothing behind')
    const again = await between.store.rewrite(0, 3)
    await again.add(kept)
    await again.commit()
    for (const store of [between.store, (await engine.open()).store]) {
      assert.deepEqual(
        store.segments.map(({ baseOffset, nextOffset }) => [baseOffset, nextOffset]),
        [
          [0, 3],
          [3, 4],
        ],
      )
      assert.deepEqual(await readFrom(store, 0), ['2-2', '3-3'])
      assert.deepEqual([await readFrom(store, 3), store.endOffset], [['3-3'], 4])
    }
  })

  test(`${name}: a rewrite that nothing was added to leaves a gap, one that was abandoned leaves all`, async () => {
    const engine = make()
    const part = await engine.open()
    await appendDurably(part)
    part.store.roll(Buffer.from('a'))
    await appendDurably(part)
    const abandoned = await part.store.rewrite(0, 1)
    await abandoned.abandon()
    assert.deepEqual(await readFrom(part.store, 0), ['0-0', '1-1'])
    const rewrite = await part.store.rewrite(0, 1)
    await rewrite.commit()
    for (const store of [part.store, (await engine.open()).store]) {
      assert.deepEqual(
        store.segments.map(({ baseOffset }) => baseOffset),
        [1],
      )
      assert.deepEqual(await readFrom(store, 0), ['1-1'])
    }
  })

  test(`${name}: a store that is closed has stored what was appended`, async () => {
    const engine = make()
    const { store } = await engine.open()
    append(store)
    append(store)
    await store.close()
    assert.deepEqual((await engine.open()).owner.replayed, ['0-0', '1-1'])
  })

  test(`${name}: a store that is abandoned tells of nothing more`, async () => {
    const engine = make()
    const { store, owner } = await engine.open()
    append(store)
    await store.abandon()
    const told = owner.written_.length
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([owner.written_.length, owner.failures], [told, []])
    const { store: next } = await engine.open()
    assert.ok(next.endOffset <= 1)
  })
}
