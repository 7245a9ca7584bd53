import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstLeaders } from '../../../src/cluster/placement/first-leaders.js'
import type { Placement } from '../../../src/cluster/placement/placement.js'
import { type MoveReason, planMoves } from '../../../src/cluster/placement/plan-moves.js'
import { after, leadersIn, placementOf } from './placements.js'

type Leaders = Record<string, (number | null)[]>

const cases: [what: string, brokers: number[], before: Leaders, planned: Leaders, why: MoveReason[]][] = [
  ['nothing moves where nobody is here', [], { a: [1, 2] }, { a: [1, 2] }, []],
  ['nothing moves where all is spread', [1, 2, 3], { a: [1, 2, 3], b: [3, 1] }, { a: [1, 2, 3], b: [3, 1] }, []],
  ['a partition of nobody gets a leader', [1, 2], { a: [1, null] }, { a: [1, 2] }, ['death']],
  ['who is gone gives all', [1, 3], { a: [1, 2, 3, 2, 1, 3] }, { a: [1, 1, 3, 3, 1, 3] }, ['death', 'death']],
  ['who is drained gives all', [1, -2, 3], { a: [2, 2] }, { a: [1, 3] }, ['drain', 'drain']],
  ['where all are drained nobody gives', [-1, -2], { a: [1, 2] }, { a: [1, 2] }, []],
  [
    'whoever has too much of a topic gives the last of it',
    [1, 2],
    { a: [1, 1, 1, 1] },
    { a: [1, 1, 2, 2] },
    ['balance', 'balance'],
  ],
  ['who has one more of a topic keeps it', [1, 2], { a: [2, 1, 2] }, { a: [2, 1, 2] }, []],
  [
    'one more goes to whoever has the fewest of others',
    [1, 2],
    { a: [1, 2, null], b: [1] },
    { a: [1, 2, 2], b: [1] },
    ['death'],
  ],
  ['a difference of one between brokers is let be', [1, 2], { a: [1], b: [1], c: [2] }, { a: [1], b: [1], c: [2] }, []],
  [
    'topics of one partition are spread over the cluster',
    [1, 2],
    { a: [1], b: [1], c: [1], d: [1] },
    { a: [2], b: [2], c: [1], d: [1] },
    ['balance', 'balance'],
  ],
]
for (const [what, brokers, before, planned, why] of cases) {
  test(what, () => {
    const placement = placementOf(brokers, before)
    const moves = planMoves(placement)
    assert.deepEqual(leadersIn(after(placement, moves)), planned)
    assert.deepEqual(
      moves.map((move) => move.why),
      why,
    )
  })
}

const askedCases: [
  what: string,
  brokers: number[],
  before: Leaders,
  asked: [number, number][],
  planned: Leaders,
  why: MoveReason[],
][] = [
  ['whoever is asked for leads', [1, 2], { a: [1, 2] }, [[1, 2]], { a: [2, 1] }, ['request', 'balance']],
  ['and keeps what it was asked to lead', [1, 2], { a: [2, 2, 1, 1] }, [[1, 2]], { a: [2, 2, 1, 1] }, []],
  [
    'others are spread about what it must lead',
    [1, 2, 3],
    { a: [3, 3, 3, 1, 1, 1] },
    [1, 2, 3].map((partId) => [partId, 3]),
    { a: [3, 3, 3, 1, 1, 2] },
    ['balance'],
  ],
  ['who is gone is asked for in vain', [1, 2], { a: [1, 2] }, [[1, 3]], { a: [1, 2] }, []],
  ['who is drained is asked for in vain', [1, -2], { a: [1, 1] }, [[1, 2]], { a: [1, 1] }, []],
  [
    'what is drained goes to whoever is asked for',
    [1, -2, 3],
    { a: [2, 1] },
    [[1, 1]],
    { a: [1, 3] },
    ['drain', 'balance'],
  ],
  [
    'what nobody leads goes to whoever is asked for',
    [1, 2],
    { a: [null, 2] },
    [[1, 2]],
    { a: [2, 1] },
    ['death', 'balance'],
  ],
  [
    'a broker that must lead more than others does not keep those from being even',
    [1, 2, 3],
    { a: [1], b: [1], c: [1], d: [2], e: [2] },
    [1, 2, 3].map((partId) => [partId, 1]),
    { a: [1], b: [1], c: [1], d: [3], e: [2] },
    ['balance'],
  ],
]
for (const [what, brokers, before, asked, planned, why] of askedCases) {
  test(`asked for: ${what}`, () => {
    const placement = { ...placementOf(brokers, before), asked: new Map(asked) }
    const moves = planMoves(placement)
    assert.deepEqual(leadersIn(after(placement, moves)), planned)
    assert.deepEqual(
      moves.map((move) => move.why),
      why,
    )
  })
}

test('a move names the partition, its epoch, who leads it and who shall', () => {
  const moves = planMoves(placementOf([1, 2], { a: [1, 3] }))
  assert.deepEqual(moves, [{ partId: 2, epoch: 7, from: 3, to: 2, why: 'death' }])
})

test('what nobody leads comes before what is drained, and that before balance', () => {
  const placement = placementOf([1, -2, 3], { a: [1, 1, 1, 1], b: [2, 2, 3], c: [null, 9] })
  const reasons = planMoves(placement).map(({ why }) => why)
  assert.deepEqual(reasons, ['death', 'death', 'drain', 'drain', 'balance', 'balance'])
})

test('a fourth broker gets its 12 of 50, one move each', () => {
  const placement = placementOf([1, 2, 3, 4], {
    __consumer_offsets: Array.from({ length: 50 }, (_, at) => 1 + (at % 3)),
  })
  const moves = planMoves(placement)
  assert.equal(moves.length, 12)
  assert.ok(moves.every(({ to, why }) => to === 4 && why === 'balance'))
})

for (const [second, moves] of [
  [109, 0],
  [110, 1],
  [130, 10],
] as const) {
  test(`where one broker leads 100 partitions and another ${second}, ${moves} move`, () => {
    const topics = Array.from({ length: 100 + second }, (_, at) => [`t${at}`, [at < 100 ? 1 : 2]] as const)
    assert.equal(planMoves(placementOf([1, 2], Object.fromEntries(topics))).length, moves)
  })
}

const firsts: [what: string, placement: Placement, wanted: [string, number][], leaders: number[][]][] = [
  ['of a new topic are spread', placementOf([1, 2, 3], {}), [['a', 6]], [[1, 2, 3, 1, 2, 3]]],
  [
    'of topics of one partition are not all the same',
    placementOf([1, 2], {}),
    [
      ['b', 1],
      ['a', 1],
    ],
    [[1], [2]],
  ],
  ['go to whoever has fewest', placementOf([1, 2, 3], { z: [1, 2, 1] }), [['a', 1]], [[3]]],
  ['are never brokers that are drained', placementOf([-1, 2], {}), [['a', 2]], [[2, 2]]],
  ['of partitions that are added even their topic out', placementOf([1, 2], { a: [1, 1] }), [['a', 2]], [[2, 2]]],
  ['do not care whether others are where they should be', placementOf([1, 2], { a: [1, 1, 1, 1] }), [['a', 1]], [[2]]],
]
for (const [what, placement, wanted, leaders] of firsts) {
  test(`the first leaders ${what}`, () => {
    const asked = wanted.map(([name, count]) => ({ name, count }))
    assert.deepEqual(firstLeaders(placement, asked), leaders)
  })
}

test('there are no first leaders where no broker is here', () => {
  assert.throws(() => firstLeaders(placementOf([], {}), [{ name: 'a', count: 1 }]), /No broker is here/)
})
