import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database, Term } from '../../src/database/database.js'
import { isPassing } from '../../src/database/database-error.js'
import type { Flush } from '../../src/database/log-tables.js'
import { createTopic, register } from './implementations.js'
import { batch, flush, segment, termOf } from './log-rows.js'
import { hasPostgres, PostgresUnderTest } from './postgres-under-test.js'

const skip = !hasPostgres && 'there is no PostgreSQL'
const PARTITIONS = 5
const MOVES = 100

/** Partitions that broker 1 leads, one segment each that begins in the first epoch. */
async function begin(database: Database): Promise<{ terms: Term[]; chunk: number }> {
  await register(database, 1)
  const terms = (await createTopic(database, 'orders', Array(PARTITIONS).fill(1))).map(termOf)
  const { chunks } = await database.metadata.changesSince(0)
  const chunk = chunks.find(({ keep, isClosed }) => keep === '10d' && !isClosed)!.chunk
  await database.logs.append({ chunk, parts: terms.flatMap((term) => partOf(term, chunk, 0, true)) })
  return { terms, chunk }
}

/** Of the one segment that a partition has here; its payload tells in which epoch it was written. */
function partOf(term: Term, chunk: number, offset: number, begins = false) {
  return flush(term, chunk, [batch(term.partId, offset, `${term.epoch}`)], begins).parts
}

async function endOf(database: Database, { partId }: Term, chunk: number): Promise<number> {
  let end = 0
  await database.logs.heads({ segmentId: partId, chunk }, 0, ({ lastOffset }) => {
    end = lastOffset + 1
  })
  return end
}

test('whoever moves a partition finds all that was appended before: nothing comes behind its back', {
  skip,
}, async () => {
  const shared = await PostgresUnderTest.start()
  const [writer, mover] = [await shared.connect(), await shared.connect({ readers: PARTITIONS })]
  const { terms, chunk } = await begin(writer)
  await shared.slowDown(chunk)
  /** Of each partition, the end that was found by whoever moved it, by epoch. */
  const ends = terms.map(() => new Map<number, number>([[0, 1]]))
  const led = terms.map((term) => ({ term, next: 1 }))
  const nextTerm = async (at: number) => {
    for (;;) {
      const epoch = Math.max(...ends[at]!.keys())
      if (epoch > led[at]!.term.epoch) return { term: { ...terms[at]!, epoch }, next: ends[at]!.get(epoch)! }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  let isMoving = true
  const writing = (async () => {
    while (isMoving) {
      const parts = led.flatMap(({ term, next }) => partOf(term, chunk, next))
      const taken = await writer.logs.append({ chunk, parts })
      assert.notEqual(taken, 'repeated')
      for (const [at, one] of led.entries()) {
        if ((taken as ReadonlySet<number>).has(one.term.partId)) one.next++
        else led[at] = await nextTerm(at)
      }
    }
  })()
  for (let epoch = 0, me = { brokerId: 1, incarnation: 1 }; epoch < MOVES; epoch++) {
    // The two ways in which an epoch rises.
    if (epoch % 2 === 0) {
      const moves = terms.map(({ partId }) => ({ partId, epoch, target: 1 }))
      assert.equal((await mover.members.assign(me, moves)).partitions.length, PARTITIONS)
    } else {
      me = (await register(mover, 1)).me
    }
    const found = await Promise.all(terms.map((term) => endOf(mover, term, chunk)))
    for (const [at, end] of found.entries()) ends[at]!.set(epoch + 1, end)
  }
  isMoving = false
  await writing
  for (const [at, term] of terms.entries()) {
    const row = segment(term, chunk, term.partId, 0)
    const epochs = (await writer.logs.read(row, { fromOffset: 0, maxBytes: 10_000_000 })).map(Number)
    const behind = epochs.filter((epoch, offset) => offset >= (ends[at]!.get(epoch + 1) ?? Number.POSITIVE_INFINITY))
    assert.deepEqual(behind, [], 'epochs of batches that were stored behind the end of their term')
  }
})

test('the same append twice at once is done once', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const [one, other] = [await shared.connect(), await shared.connect()]
  const { terms, chunk } = await begin(one)
  for (let offset = 1; offset <= 50; offset++) {
    const sent: Flush = { chunk, parts: terms.flatMap((term) => partOf(term, chunk, offset)) }
    const answers = await Promise.all([one.logs.append(sent), other.logs.append(sent)])
    const taken = answers.filter((answer) => answer !== 'repeated')
    assert.deepEqual(taken, [new Set(terms.map(({ partId }) => partId))])
    assert.deepEqual(await other.logs.stored(sent), taken[0])
  }
})

test('connections that break under appends lose nothing, and store nothing twice', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const database = await shared.connect()
  const { terms, chunk } = await begin(database)
  const [term] = terms
  let cuts = 0
  let isWriting = true
  const cutting = (async () => {
    while (isWriting) cuts += await shared.cut('append')
  })()
  let next = 1
  for (; cuts < 20 || next < 200; next++) {
    const sent = flush(term!, chunk, [batch(term!.partId, next)])
    const stored = await untilStored(database, sent)
    assert.deepEqual(stored, new Set([term!.partId]))
  }
  isWriting = false
  await cutting
  assert.equal(await endOf(database, term!, chunk), next)
  const [{ count }] = (await shared.ask(
    `select count(*) from ${shared.schema}.batch_${chunk} where seg_id = ${term!.partId}`,
  )) as [{ count: string }]
  assert.equal(Number(count), next)
})

test('a commit that did not wait for its standbys is not taken for a promise, and is asked for in one that does', {
  skip,
}, async () => {
  const shared = await PostgresUnderTest.start()
  const database = await shared.connect()
  const { terms, chunk } = await begin(database)
  const [term] = terms
  const lockedBy = async () =>
    (await shared.ask(`select xmax::text from ${shared.schema}.partition where part_id = ${term!.partId}`))[0]
  await shared.warnOf(chunk, 'canceling wait for synchronous replication due to user request')
  const sent = flush(term!, chunk, [batch(term!.partId, 1)])
  await assert.rejects(database.logs.append(sent), {
    name: 'UnknownOutcomeError',
    message: /canceling wait for synchronous/,
  })
  assert.equal(await database.logs.append(sent), 'repeated')
  const before = await lockedBy()
  assert.deepEqual(await database.logs.stored(sent), new Set([term!.partId]))
  assert.notDeepEqual(
    await lockedBy(),
    before,
    'a transaction that is written, and so waits for standbys where they are to be waited for',
  )
})

/** As a lane does it. */
async function untilStored(database: Database, sent: Flush): Promise<ReadonlySet<number>> {
  for (;;) {
    try {
      const answer = await database.logs.append(sent)
      return answer === 'repeated' ? await database.logs.stored(sent) : answer
    } catch (error) {
      if (!isPassing(error)) throw error
    }
  }
}
