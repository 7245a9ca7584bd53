import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEAD_BYTES } from '../../src/database/log-tables.js'
import { createTopic, implementations, register } from './implementations.js'
import { batch, flush, ledPartition, segment, termOf, textsOf } from './log-rows.js'

for (const { name, start } of implementations) {
  test(`${name}: a partition takes batches in its term, and gives them back in order`, async () => {
    const database = await (await start()).connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    assert.deepEqual(await logs.load([term]), [{ ...term, checkpoint: undefined, segments: [] }])
    const taken = await logs.append(flush(term, chunk, [batch(1, 0), batch(1, 1)], true))
    assert.deepEqual(taken, new Set([term.partId]))
    await logs.append(flush(term, chunk, [batch(1, 2)]))
    const [loaded] = await logs.load([term])
    assert.deepEqual(loaded?.segments, [segment(term, chunk, 1, 0)], 'facts as of its beginning')
    const [row] = loaded!.segments
    assert.deepEqual(await textsOf(database, row!), ['1/0', '1/1', '1/2'])
    assert.deepEqual(await textsOf(database, row!, 1), ['1/1', '1/2'])
    assert.deepEqual(await textsOf(database, row!, 3), [])
    assert.equal((await logs.read(row!, { fromOffset: 0, maxBytes: 0 })).length > 0, true, 'one at least')
    assert.equal(await logs.firstOffsetAt(row!, 1), 1)
    assert.equal(await logs.firstOffsetAt(row!, 3), undefined)
  })

  test(`${name}: heads are the first bytes of batches from an offset on`, async () => {
    const database = await (await start()).connect()
    const { term, chunk } = await ledPartition(database)
    const large = 'x'.repeat(1000)
    await database.logs.append(flush(term, chunk, [batch(1, 0), batch(1, 1, large), batch(1, 2)], true))
    const heads: string[] = []
    await database.logs.heads({ segmentId: 1, chunk }, 1, ({ lastOffset, size, head }) =>
      heads.push(`${lastOffset} ${size} ${head}`),
    )
    assert.deepEqual(heads, [`1 1000 ${large.slice(0, HEAD_BYTES)}`, '2 3 1/2'])
  })

  test(`${name}: heads of hundreds of segments are asked for at once, and each gets its own`, async () => {
    const database = await (await start()).connect()
    const { term, chunk } = await ledPartition(database)
    const segments = Array.from({ length: 250 }, (_, at) => at + 1)
    // Of the last one more than one answer has room for.
    const countOf = (segmentId: number) => (segmentId === 250 ? 120 : 1 + (segmentId % 3))
    const batches = segments.flatMap((id) => Array.from({ length: countOf(id) }, (_, offset) => batch(id, offset)))
    const begun = segments.map((id) => segment(term, chunk, id, 0))
    await database.logs.append({ chunk, parts: [{ term, begun, batches }] })
    const found = segments.map((): string[] => [])
    const ask = (segmentId: number, at: number) =>
      database.logs.heads({ segmentId, chunk }, 1, ({ head }) => void found[at]!.push(String(head)))
    await Promise.all(segments.map(ask))
    const offsetsFrom1 = (segmentId: number) => Array.from({ length: countOf(segmentId) - 1 }, (_, at) => at + 1)
    assert.deepEqual(
      found,
      segments.map((segmentId) => offsetsFrom1(segmentId).map((offset) => `${segmentId}/${offset}`)),
    )
  })

  test(`${name}: of a flush those partitions take theirs whose term stands`, async () => {
    const database = await (await start()).connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    const others = (await createTopic(database, 'payments', [1, 1])).map(termOf)
    const terms = [term, { ...others[0]!, epoch: 1 }, others[1]!]
    const parts = terms.flatMap((one, at) => flush(one, chunk, [batch(at + 1, 0)], true).parts)
    assert.deepEqual(await logs.append({ chunk, parts }), new Set([term.partId, others[1]!.partId]))
    const [stale] = await logs.load([others[0]!])
    assert.deepEqual(stale?.segments, [])
    assert.deepEqual(await textsOf(database, segment(others[0]!, chunk, 2, 0)), [])
    assert.deepEqual(
      (await logs.load(terms)).map(({ partId }) => partId),
      [term.partId, others[1]!.partId],
    )
  })

  test(`${name}: a term that is over takes nothing, changes nothing, and is not loaded`, async () => {
    const database = await (await start()).connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    await logs.append(flush(term, chunk, [batch(1, 0)], true))
    const { partitions } = await register(database, 1)
    const next = termOf(partitions[0]!)
    const later = flush(term, chunk, [batch(1, 1)])
    assert.deepEqual(await logs.append(later), new Set())
    const checkpoint = { startOffset: 0, offset: 1, state: Buffer.from('s'), segments: [] }
    assert.equal(await logs.checkpoint(term, checkpoint), false)
    assert.equal(await logs.swapSegments(term, [1], []), false)
    assert.deepEqual(await logs.load([term]), [])
    const [loaded] = await logs.load([next])
    assert.deepEqual([loaded?.segments.length, loaded?.checkpoint], [1, undefined])
    assert.deepEqual(
      await logs.append({ ...later, parts: [{ ...later.parts[0]!, term: next }] }),
      new Set([next.partId]),
    )
  })

  test(`${name}: an append that is made again stores nothing twice, and it can be asked what it stored`, async () => {
    const database = await (await start()).connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    const first = flush(term, chunk, [batch(1, 0), batch(1, 1)], true)
    assert.deepEqual(await logs.stored(first), new Set())
    await logs.append(first)
    assert.equal(await logs.append(first), 'repeated')
    assert.deepEqual(await logs.stored(first), new Set([term.partId]))
    const second = flush(term, chunk, [batch(1, 2)])
    await logs.append(second)
    assert.equal(await logs.append(second), 'repeated')
    assert.deepEqual(await textsOf(database, segment(term, chunk, 1, 0)), ['1/0', '1/1', '1/2'])
  })

  test(`${name}: an append that comes a second time, with one partition moved meanwhile, tells them apart`, async () => {
    const database = await (await start()).connect()
    const { logs, members } = database
    const { term, chunk } = await ledPartition(database)
    const [two] = [await register(database, 2)]
    const moving = termOf((await createTopic(database, 'payments', [1]))[0]!)
    await logs.append(flush(moving, chunk, [batch(2, 0)], true))
    const parts = [
      ...flush(term, chunk, [batch(1, 0)], true).parts,
      ...flush(moving, chunk, [batch(2, 1, 'lost')]).parts,
    ]
    const me = { brokerId: 1, incarnation: 1 }
    const { partitions } = await members.assign(me, [{ ...moving, target: two.me.brokerId }])
    assert.deepEqual(await logs.append({ chunk, parts }), new Set([term.partId]))
    await logs.append(flush(termOf(partitions[0]!), chunk, [batch(2, 1, 'of the next leader')]))
    assert.equal(await logs.append({ chunk, parts }), 'repeated')
    assert.deepEqual(
      await logs.stored({ chunk, parts }),
      new Set([term.partId]),
      'the row of the next leader is not ours',
    )
    assert.deepEqual(await textsOf(database, segment(moving, chunk, 2, 0)), ['2/0', 'of the next leader'])
  })

  test(`${name}: what was stored before the epoch rose is not told as stored of the old term`, async () => {
    const database = await (await start()).connect()
    const { term, chunk } = await ledPartition(database)
    const sent = flush(term, chunk, [batch(1, 0)], true)
    await database.logs.append(sent)
    await register(database, 1)
    assert.deepEqual(await database.logs.append(sent), new Set())
    assert.deepEqual(await database.logs.stored(sent), new Set())
  })

  test(`${name}: the bytes of an append may change when it was answered`, async () => {
    const database = await (await start()).connect()
    const { term, chunk } = await ledPartition(database)
    const sent = flush(term, chunk, [batch(1, 0)], true)
    await database.logs.append(sent)
    sent.parts[0]!.batches[0]!.payload.fill('x')
    assert.deepEqual(await textsOf(database, segment(term, chunk, 1, 0)), ['1/0'])
  })

  test(`${name}: a checkpoint replaces the last one, with the facts of segments that are there`, async () => {
    const database = await (await start()).connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    await logs.append(flush(term, chunk, [batch(1, 0)], true))
    const known = { ...segment(term, chunk, 1, 0), nextOffset: 1, size: 3, batches: 1 }
    const checkpoint = { startOffset: 0, offset: 1, state: Buffer.from('state') }
    const write = (state: string) =>
      logs.checkpoint(term, {
        ...checkpoint,
        state: Buffer.from(state),
        segments: [known, segment(term, chunk, 7, 1)],
      })
    assert.equal(await write('old'), true)
    assert.equal(await write('state'), true)
    assert.deepEqual(await logs.load([term]), [{ ...term, checkpoint, segments: [known] }])
  })

  test(`${name}: segments are swapped at once, and once`, async () => {
    const database = await (await start()).connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    await logs.append(flush(term, chunk, [batch(1, 0)], true))
    await logs.append(flush(term, chunk, [batch(2, 1)], true))
    await logs.writeSegment({ segmentId: 3, chunk }, [batch(3, 0, 'clean')])
    await logs.writeSegment({ segmentId: 3, chunk }, [batch(3, 0, 'made again'), batch(3, 1, 'more')])
    assert.equal((await logs.load([term]))[0]?.segments.length, 2, 'nobody sees it yet')
    const cleaned = { ...segment(term, chunk, 3, 0), nextOffset: 2 }
    assert.equal(await logs.swapSegments(term, [1, 2], [cleaned]), true)
    assert.equal(await logs.swapSegments(term, [1, 2], [cleaned]), true, 'made again')
    assert.deepEqual((await logs.load([term]))[0]?.segments, [cleaned])
    assert.deepEqual(await textsOf(database, cleaned), ['clean', 'more'])
    assert.equal(await logs.swapSegments(term, [3], []), true)
    assert.deepEqual((await logs.load([term]))[0]?.segments, [])
  })

  test(`${name}: what is written for a swap that does not come goes after an hour, and cannot be brought in`, async () => {
    const shared = await start()
    const database = await shared.connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    await logs.writeSegment({ segmentId: 3, chunk }, [batch(3, 0)])
    await shared.pass(3_600_000)
    await logs.sweep()
    const written = segment(term, chunk, 3, 0)
    assert.deepEqual(await textsOf(database, written), ['3/0'])
    await shared.pass(60_000)
    await logs.sweep()
    assert.deepEqual(await textsOf(database, written), [])
    assert.equal(await logs.swapSegments(term, [], [written]), false)
  })

  test(`${name}: what a swap has brought in stays`, async () => {
    const shared = await start()
    const database = await shared.connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    await logs.writeSegment({ segmentId: 3, chunk }, [batch(3, 0)])
    const written = segment(term, chunk, 3, 0)
    await logs.swapSegments(term, [], [written])
    await logs.writeSegment({ segmentId: 3, chunk }, [batch(3, 0)])
    await shared.pass(4_000_000)
    await logs.sweep()
    assert.deepEqual(await textsOf(database, written), ['3/0'])
  })

  test(`${name}: a deleted topic's leaders append nothing more, and its data go`, async () => {
    const shared = await start()
    const database = await shared.connect()
    const { logs } = database
    const { term, chunk } = await ledPartition(database)
    await logs.append(flush(term, chunk, [batch(1, 0)], true))
    await database.metadata.deleteTopics(['id-of-orders'])
    assert.deepEqual(await logs.append(flush(term, chunk, [batch(1, 1)])), new Set())
    assert.deepEqual(await logs.load([term]), [])
    await shared.pass(60_000)
    await logs.sweep()
    assert.deepEqual(await textsOf(database, segment(term, chunk, 1, 0)), [])
  })

  test(`${name}: a chunk of its time is closed, and goes when nothing lies in it any more`, async () => {
    const shared = await start()
    const database = await shared.connect()
    const { logs, metadata } = database
    const { term, chunk } = await ledPartition(database)
    await logs.append(flush(term, chunk, [batch(1, 0)], true))
    const { version, chunks: before } = await metadata.changesSince(0)
    await shared.pass(864_000_000 / 16)
    const ages = await logs.sweep()
    assert.deepEqual([...ages.keys()], ['10d'])
    assert.ok(ages.get('10d')! >= 864_000_000 / 16)
    const { chunks } = await metadata.changesSince(version)
    const next = chunks.find(({ isClosed }) => !isClosed)!
    assert.deepEqual(chunks.map((row) => [row.chunk, row.keep, row.isClosed]).sort(), [
      [chunk, '10d', true],
      [next.chunk, '10d', false],
    ])
    await logs.sweep()
    assert.equal((await metadata.changesSince(0)).chunks.length, before.length + 1, 'empty ones need not be closed')
    await logs.append(flush(term, chunk, [batch(1, 1)]))
    await logs.swapSegments(term, [1], [])
    await logs.append(flush(term, next.chunk, [batch(2, 2)], true))
    await shared.pass(60_000)
    assert.deepEqual([...(await logs.sweep()).keys()], [])
    assert.equal(
      (await metadata.changesSince(0)).chunks.some((row) => row.chunk === chunk),
      false,
    )
    await assert.rejects(logs.append(flush(term, chunk, [batch(4, 3)], true)), { name: 'UnavailableError' })
  })
}
