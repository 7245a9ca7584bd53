import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchBaseOffset, batchesOf, readRecords } from '@rivven/protocol'
import { chance } from '../../chance.js'
import { RandomWire } from '../../database/random-wire.js'
import { batchAt } from '../stored-partition.js'
import { type OpenPartition, TwoBrokers } from './two-brokers.js'

const SEEDS = [1, 2, 3, 4]
const MOVES = 25

/** What was appended in one term: texts by offset, and how far they were confirmed. */
interface Written {
  readonly texts: Map<number, string>
  readonly from: number
  confirmed: number
}

for (const seed of SEEDS) {
  test(`seed ${seed}: a partition that moves under a writer that never pauses loses nothing confirmed, and has no gap`, async () => {
    const draw = chance(seed)
    const brokers = await TwoBrokers.start()
    const storages = [0, 1].map(() => brokers.storage(new RandomWire(draw)))
    const terms: Written[] = []
    let part = await brokers.open(storages[0]!)
    for (let move = 1; move <= MOVES; move++) {
      const written: Written = { texts: new Map(), from: part.store.endOffset, confirmed: part.store.endOffset }
      terms.push(written)
      const [target, leader] = [move % 2, part]
      const writer = write(leader, written, `term ${move}`, draw)
      for (let turns = draw(40); turns > 0; turns--) await turn()
      await brokers.move(0, target + 1)
      part = await brokers.open(storages[target]!)
      const loaded = part.store.endOffset
      await writer
      written.confirmed = leader.store.durableOffset
      assert.deepEqual(leader.owner.failures, ['lost'], `move ${move}`)
      assert.ok(written.confirmed <= loaded, `move ${move}: confirmed to ${written.confirmed}, found to ${loaded}`)
    }
    await check(part, terms)
  })
}

/** Appends in every turn until the term is over. */
async function write({ store, owner }: OpenPartition, { texts }: Written, term: string, draw: (n: number) => number) {
  while (owner.failures.length === 0) {
    for (let count = draw(3); count > 0; count--) {
      const text = `${term}, ${store.endOffset}`
      texts.set(store.endOffset, text)
      store.append(batchAt(store.endOffset, [`${text}=v`]), true)
    }
    if (draw(20) === 0) store.roll(Buffer.from(term))
    await turn()
  }
}

/** Each offset holds what the term wrote that was confirmed there, or one that was under way when it ended. */
async function check({ store }: OpenPartition, terms: readonly Written[]): Promise<void> {
  const range = { offset: 0, endOffset: Number.POSITIVE_INFINITY, maxBytes: 1e9, atLeastOne: true }
  const found: string[] = []
  for (let offset = 0; offset < store.endOffset; ) {
    const { buffers, nextOffset } = await store.read({ ...range, offset })
    for (const batch of buffers.flatMap((bytes) => [...batchesOf(bytes)])) {
      assert.equal(batchBaseOffset(batch), found.length, 'no gap, nothing twice')
      for (const { key } of readRecords(batch)) found.push(String(key))
    }
    offset = nextOffset
  }
  for (const { texts, from, confirmed } of terms) {
    for (let offset = from; offset < confirmed; offset++) assert.equal(found[offset], texts.get(offset))
  }
  assert.ok(terms.some(({ from, confirmed }) => confirmed > from))
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
