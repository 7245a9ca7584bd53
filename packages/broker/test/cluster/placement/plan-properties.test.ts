// What holds of every plan, over random clusters; a failure prints its seed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { firstLeaders } from '../../../src/cluster/placement/first-leaders.js'
import type { Placement } from '../../../src/cluster/placement/placement.js'
import { planMoves } from '../../../src/cluster/placement/plan-moves.js'
import { after, anyAskedPlacement, anyPlacement } from './placements.js'

const runs = { numRuns: 1_000 }

function ableIn({ brokers }: Placement): number[] {
  const staying = brokers.filter(({ isDraining }) => !isDraining)
  return (staying.length > 0 ? staying : brokers).map(({ id }) => id)
}

function spreadOf(leaders: readonly (number | null)[], able: readonly number[]): number {
  const counts = able.map((id) => leaders.filter((leader) => leader === id).length)
  return Math.max(...counts) - Math.min(...counts)
}

const leadersOf = (topic: Placement['topics'][number]) => topic.partitions.map(({ leader }) => leader)
const settled = (placement: Placement) => after(placement, planMoves(placement))

test('when a plan is carried out every partition is led by a broker that may, every topic is spread to a difference of one', () => {
  fc.assert(
    fc.property(anyPlacement, (placement) => {
      const able = ableIn(placement)
      for (const topic of settled(placement).topics) {
        assert.ok(leadersOf(topic).every((leader) => leader !== null && able.includes(leader)))
        assert.ok(spreadOf(leadersOf(topic), able) <= 1)
      }
    }),
    runs,
  )
})

test('and the whole cluster to a tenth, or to one', () => {
  fc.assert(
    fc.property(anyPlacement, (placement) => {
      const all = settled(placement).topics.flatMap(leadersOf)
      const least = Math.min(...ableIn(placement).map((id) => all.filter((leader) => leader === id).length))
      assert.ok(spreadOf(all, ableIn(placement)) < Math.max(2, least / 10))
    }),
    runs,
  )
})

test('a plan that was carried out leaves nothing to do', () => {
  fc.assert(
    fc.property(anyAskedPlacement, (placement) => assert.deepEqual(planMoves(settled(placement)), [])),
    runs,
  )
})

test('what is left of a plan that was carried out in part, in any order, is never more than the rest', () => {
  fc.assert(
    fc.property(anyAskedPlacement, fc.infiniteStream(fc.boolean()), (placement, chance) => {
      const plan = planMoves(placement)
      const done = plan.filter(() => chance.next().value)
      assert.ok(planMoves(after(placement, done)).length <= plan.length - done.length)
    }),
    runs,
  )
})

test('every broker makes the same plan, in whatever order its image has brokers and topics', () => {
  fc.assert(
    fc.property(anyAskedPlacement, ({ brokers, topics, asked = new Map() }) => {
      const other = { brokers: [...brokers].reverse(), topics: [...topics].reverse(), asked }
      assert.deepEqual(planMoves(other), planMoves({ brokers, topics, asked }))
    }),
    runs,
  )
})

test('a plan moves a partition once, from whoever leads it to somebody else', () => {
  fc.assert(
    fc.property(anyAskedPlacement, (placement) => {
      const plan = planMoves(placement)
      assert.equal(new Set(plan.map(({ partId }) => partId)).size, plan.length)
      const partitions = new Map(placement.topics.flatMap((topic) => topic.partitions.map((one) => [one.partId, one])))
      for (const { partId, epoch, from, to } of plan) {
        assert.deepEqual([from, epoch], [partitions.get(partId)?.leader, partitions.get(partId)?.epoch])
        assert.notEqual(from, to)
      }
    }),
    runs,
  )
})

test('whoever is asked for and may lead does, and of the other partitions nobody has two more than somebody who need not have its own', () => {
  fc.assert(
    fc.property(anyAskedPlacement, (placement) => {
      const able = ableIn(placement)
      const askedFor = ({ partId }: { partId: number }) => {
        const broker = placement.asked?.get(partId)
        return broker !== undefined && able.includes(broker) ? broker : undefined
      }
      for (const { partitions } of settled(placement).topics) {
        for (const one of partitions) assert.equal(one.leader, askedFor(one) ?? one.leader)
        const free = able.filter((id) => partitions.some((one) => one.leader === id && askedFor(one) === undefined))
        const count = (id: number) => partitions.filter(({ leader }) => leader === id).length
        for (const id of free) assert.ok(able.every((other) => count(id) - count(other) <= 1))
      }
    }),
    runs,
  )
})

for (const [what, change] of [
  ['one broker more', (ids: number[]) => [...ids, 10]],
  ['one broker less', (ids: number[]) => ids.slice(1)],
] as const) {
  test(`${what} moves no more of a topic than one broker's share, and one for the cluster's balance`, () => {
    fc.assert(
      fc.property(anyPlacement, (placement) => {
        const { topics } = settled(placement)
        const before = ableIn(placement)
        const now = change(before)
        fc.pre(now.length > 0)
        const brokers = now.map((id) => ({ id, isDraining: false }))
        const moving = new Set(planMoves({ brokers, topics }).map(({ partId }) => partId))
        for (const { partitions } of topics) {
          const share = Math.ceil(partitions.length / Math.min(before.length, now.length))
          assert.ok(partitions.filter(({ partId }) => moving.has(partId)).length <= share + 1)
        }
      }),
      runs,
    )
  })
}

test('with topics of any size, first leaders are spread as a plan would have it: nothing moves afterwards within the topic', () => {
  fc.assert(
    fc.property(anyPlacement, fc.integer({ min: 1, max: 20 }), (placement, count) => {
      const [leaders = []] = firstLeaders(placement, [{ name: 'new', count }])
      assert.equal(leaders.length, count)
      assert.ok(spreadOf(leaders, ableIn(placement)) <= 1)
    }),
    runs,
  )
})

test('draining a broker and ending that again brings back what was spread, not more', () => {
  fc.assert(
    fc.property(anyPlacement, (placement) => {
      const [first] = placement.brokers
      const drained = { ...placement, brokers: placement.brokers.map((one) => ({ ...one, isDraining: one === first })) }
      const { topics } = settled(drained)
      if (placement.brokers.length === 1) return
      for (const topic of topics) assert.ok(!leadersOf(topic).includes(first?.id ?? 0))
      const back = settled({ brokers: placement.brokers.map((one) => ({ ...one, isDraining: false })), topics })
      for (const topic of back.topics) assert.ok(spreadOf(leadersOf(topic), ableIn(back)) <= 1)
    }),
    runs,
  )
})
