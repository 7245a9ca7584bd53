import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Waiting } from '../../src/log/arrival/waiting.js'
import { compactLog } from '../../src/log/cleaning/compaction.js'
import { chance } from '../chance.js'
import { engines } from './engines.js'
import { batchOf, marker, type OnePartition } from './log-fixture.js'

interface Appended {
  readonly baseOffset: number
  readonly nextOffset: number
  readonly at: number
  /** The producer's clock was right. */
  readonly isHonest: boolean
  readonly producerId?: number
  /** The broker was killed later, and had not written down when it came. */
  isForgotten: boolean
  isAborted: boolean
}

type Draw = (below: number) => number
type Isolation = 'committed' | 'uncommitted'

/** What a partition holds, by its own account of every append. */
class Truth {
  readonly batches: Appended[] = []
  readonly sequences = new Map<number, number>()
  readonly open = new Map<number, Appended[]>()

  constructor(
    readonly part: OnePartition,
    readonly draw: Draw,
  ) {}

  pass(): void {
    const { draw, part } = this
    part.clock.time += [draw(300), draw(3_000), draw(60_000), draw(7_200_000)][
      [0, 0, 0, 1, 1, 1, 1, 2, 2, 3][draw(10)]!
    ]!
  }

  async produce(producerId?: number): Promise<void> {
    const { draw, part } = this
    const at = part.clock.time
    const lie = [at - draw(1e10), at + draw(3_000_000), -1][draw(3)]!
    const isHonest = draw(3) > 0
    const records = Array.from({ length: 1 + draw(3) }, () => `k${draw(40)}=v`)
    const sequence = producerId === undefined ? 0 : (this.sequences.get(producerId) ?? 0)
    const producer =
      producerId === undefined ? {} : { producerId, producerEpoch: 0, baseSequence: sequence, isTransactional: true }
    const { errorCode, baseOffset } = await part.append(batchOf(records, producer, isHonest ? at : lie))
    assert.equal(errorCode, 0)
    const nextOffset = baseOffset + records.length
    const appended = { baseOffset, nextOffset, at, isHonest, producerId, isForgotten: false, isAborted: false }
    this.batches.push(appended)
    if (producerId === undefined) return
    this.sequences.set(producerId, sequence + records.length)
    this.open.set(producerId, [...(this.open.get(producerId) ?? []), appended])
  }

  async end(producerId: number, type: 'COMMIT' | 'ABORT'): Promise<void> {
    await this.part.appendOwn(marker(type, producerId))
    if (type === 'ABORT') for (const batch of this.open.get(producerId) ?? []) batch.isAborted = true
    this.open.delete(producerId)
  }

  async step(): Promise<void> {
    const { draw, part } = this
    this.pass()
    const producerId = 1 + draw(3)
    const what = draw(40)
    if (what < 20) await this.produce()
    else if (what < 30) await this.produce(producerId)
    else if (what < 35) await this.end(producerId, draw(2) === 0 ? 'ABORT' : 'COMMIT')
    else if (what < 37) await part.restart()
    else if (what === 37) await this.kill()
    else if (what === 38) await compactLog(part.log, part.clock)
    else part.log.roll()
  }

  /** What came since the last clean start may be read again without the time at which it came. */
  async kill(): Promise<void> {
    for (const batch of this.batches) batch.isForgotten = true
    await this.part.start()
  }

  /** The first batch of which a reader gets a record that there is still. */
  waiting(kept: readonly number[], offset: number, isolation: Isolation): Appended | undefined {
    const end = isolation === 'committed' ? this.part.log.lastStableOffset : this.part.log.highWatermark
    for (const record of kept) {
      if (record < offset || record >= end) continue
      const batch = this.batches.find(({ baseOffset, nextOffset }) => baseOffset <= record && record < nextOffset)
      if (batch && !(isolation === 'committed' && batch.isAborted)) return batch
    }
    return undefined
  }
}

async function check(truth: Truth): Promise<void> {
  const { part, draw } = truth
  const kept = (await part.contents()).map((line) => Number(line.split(' ')[0]))
  for (let look = 0; look < 10; look++) {
    const offset = draw(part.log.highWatermark + 2)
    const isolation = draw(2) === 0 ? 'committed' : 'uncommitted'
    const expected = truth.waiting(kept, offset, isolation)
    const known = part.log.waiting({ offset, isolation })
    const looked = await part.log.lookForWaiting({ offset, isolation })
    const where = `offset ${offset}, ${isolation}`
    if (known) checkOne(known, expected, { truth, where: `${where}, from memory`, isExact: false })
    checkOne(looked, expected, { truth, where, isExact: true })
  }
}

interface Looked {
  readonly truth: Truth
  readonly where: string
  readonly isExact: boolean
}

function checkOne(found: Waiting, expected: Appended | undefined, { truth, where, isExact }: Looked): void {
  assert.equal(found.kind, expected ? 'batch' : 'nothing', where)
  if (found.kind === 'nothing' || !expected) return
  const age = truth.part.clock.time - expected.at
  const isUnknown = expected.isForgotten && !expected.isHonest
  const most = isExact && expected.isHonest ? 10 : isUnknown ? Infinity : Math.max(1_000, age / 20)
  const off = Math.abs(found.arrival.at - expected.at)
  assert.ok(off <= most, `${where}: ${off} ms off at an age of ${age} ms, ${JSON.stringify(found)}`)
  assert.ok(found.arrival.at <= truth.part.clock.time, where)
}

const base = Number(process.env.SEED ?? 1)

for (const engine of engines) {
  // Every append is a commit there.
  const isSlow = engine.name.includes('PostgreSQL')
  for (const seed of isSlow ? [base] : [base, base + 1, base + 2]) {
    for (const compact of [false, true]) {
      const how = `${compact ? 'compacted, ' : ''}SEED=${seed}`
      test(`${engine.name}: what waits came when it came, through restarts, kills and transactions (${how})`, async () => {
        const cleanup = { cleanupPolicy: { compact, delete: false }, minCleanableDirtyRatio: 0, segmentBytes: 1_000 }
        const part = await engine.partition(compact ? cleanup : {})
        const truth = new Truth(part, chance(seed))
        for (let round = 0; round < (isSlow ? 4 : 20); round++) {
          for (let step = 0; step < 10; step++) await truth.step()
          await check(truth)
        }
        await part.logs.close()
      })
    }
  }
}
