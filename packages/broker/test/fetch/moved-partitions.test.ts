import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { GroupHistories } from '../../src/coordinator/history/group-histories.js'
import { MovedPartitions } from '../../src/fetch/moved-partitions.js'
import { Readers, type ReadPlan } from '../../src/fetch/readers.js'
import type { RequestConnection } from '../../src/request-connection.js'
import { settled as turns } from '../coordinator/test-clock.js'
import { host, ObservedShard } from './observed-shard.js'

let observed: ObservedShard
let readers: Readers
let histories: GroupHistories
let moved: MovedPartitions

beforeEach(() => {
  observed = new ObservedShard(() => [histories, moved])
  const { clock } = observed
  readers = new Readers(clock)
  histories = new GroupHistories(clock)
  const catalog = { topic: () => ({ id: 'id of t' }) } as never
  moved = new MovedPartitions({ clock, catalog, readers, histories })
})

/** Fetches of one consumer. */
class Fetching {
  readonly #closing: (() => void)[] = []
  readonly connection: RequestConnection = {
    closed: false,
    onClose: (listener) => {
      this.#closing.push(listener)
      return () => undefined
    },
    close: () => undefined,
  }

  /** From which offset of which partition. */
  fetch(offsets: Record<number, number>): void {
    const wishes = Object.entries(offsets).map(([partition, fetchOffset]) => {
      const numbers = { partition: Number(partition), fetchOffset, maxBytes: 1 }
      return { topic: '', topicId: 'id of t', ...numbers, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
    })
    const plan: ReadPlan = { kind: 'full', session: undefined, wishes }
    readers.note(this.connection, { client: host, isCommitted: true, plan })
  }

  close(): void {
    for (const listener of this.#closing) listener()
  }
}

function committed(partition: number, offset: number): void {
  const rest = { leaderEpoch: -1, metadata: '', commitTimestamp: 0, expireTimestamp: -1, topicId: 'id of t' }
  const event = { kind: 'OffsetCommitted', groupId: 'g', topic: 't', partition, offset: { offset, ...rest } } as const
  observed.decide(() => ({ events: [event], replies: [] }))
}

const sums = () => histories.of(observed.group('g'))?.handOvers.all ?? []

test('what a partition goes through when it moves: for how long nobody fetches it, and what is read again', async () => {
  const [a, b] = [new Fetching(), new Fetching()]
  observed.settled('g', { a: [0, 1] })
  a.fetch({ 0: 700, 1: 50 })
  const lastAt = observed.clock.monotonic()
  observed.join('g', 'b')
  await turns()
  observed.settled('g', { a: [0], b: [1] })
  await turns()
  assert.equal(readers.first.count, 1)
  await observed.clock.advance(400)
  // Whoever had it may be on its way still.
  a.fetch({ 0: 700, 1: 60 })
  b.fetch({ 1: 20 })
  b.fetch({ 1: 40 })
  const [generation, at] = [observed.group('g').generation, observed.clock.now()]
  const pauses = [observed.clock.monotonic() - lastAt]
  const counts = { partitions: 1, readAgain: 30, partitionsReadAgain: 1 }
  assert.deepEqual(sums(), [{ generation, at, cause: 'member joined', ...counts, pauses }])
  assert.equal(readers.first.count, 0)
  assert.equal(histories.of(observed.group('g'))?.handOvers.readAgain, 30)
})

test('what stays with its member is not awaited', async () => {
  const a = new Fetching()
  observed.settled('g', { a: [0], b: [1] })
  a.fetch({ 0: 5, 1: 5 })
  observed.join('g', 'c')
  await turns()
  observed.settled('g', { a: [0], b: [1], c: [] })
  await turns()
  assert.equal(readers.first.count, 0)
})

test('a cooperative group gives a partition up in one generation and hands it out in the next', async () => {
  const [a, b] = [new Fetching(), new Fetching()]
  observed.settled('g', { a: [0, 1] })
  a.fetch({ 0: 10, 1: 10 })
  observed.join('g', 'b')
  await turns()
  observed.settled('g', { a: [0], b: [] })
  await turns()
  a.fetch({ 0: 12 })
  observed.join('g', 'a', observed.group('g').staticMembers.get('a'))
  await turns()
  observed.settled('g', { a: [0], b: [1] })
  await turns()
  b.fetch({ 1: 10 })
  assert.deepEqual(
    sums().map(({ generation, cause, partitions, readAgain }) => [generation, cause, partitions, readAgain]),
    [[observed.group('g').generation, 'member joined', 1, 0]],
  )
})

test('a member whose session ends had read past what it committed, also where its connection was closed long before', async () => {
  const a = new Fetching()
  observed.settled('g', { a: [0, 1] })
  a.fetch({ 0: 1_500, 1: 20 })
  committed(0, 100)
  committed(1, 20)
  a.close()
  await observed.clock.advance(31_000)
  observed.tick('g')
  await turns()
  const [departed] = histories.of(observed.group('g'))?.departures.of(observed.clock.now()) ?? []
  assert.deepEqual([departed?.cause, departed?.readPast], ['session expired', 1_400])
})

test('so many fetches are awaited, and no more', async () => {
  const a = new Fetching()
  const partitions = Array.from({ length: 1_200 }, (_, partition) => partition)
  observed.settled('g', { a: partitions })
  a.fetch(Object.fromEntries(partitions.map((partition) => [partition, 1])))
  observed.join('g', 'b')
  await turns()
  observed.settled('g', { a: [], b: partitions })
  await turns()
  assert.equal(readers.first.count, 1_000)
})
