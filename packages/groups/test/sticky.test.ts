import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AssignableMember,
  type AssignmentInput,
  type Assignor,
  cooperativeStickyAssignor,
  decodeCooperativeUserData,
  decodeStickyUserData,
  type MemberAssignments,
  stickyAssignor,
  type TopicPartitions,
} from '../src/index.js'
import { assignorVectors, figuresOf, inputOf, plain } from './support/assignor-vectors.js'

/** Kafka hands out a partition that does not exist where somebody claims it. */
const beyondKafka = 'claims: partitions that do not exist'

function claimsOf(assignor: Assignor, { members }: AssignmentInput): Map<string, readonly TopicPartitions[]> {
  const own = ({ userData, ownedPartitions }: AssignableMember) =>
    assignor === stickyAssignor ? decodeStickyUserData(userData).partitions : ownedPartitions
  return new Map(members.map((member) => [member.memberId, own(member)]))
}

for (const [assignor, count] of [
  [stickyAssignor, 216],
  [cooperativeStickyAssignor, 227],
] as const) {
  test(`${assignor.name} is as even and moves as little as Kafka, and is equal where Kafka leaves nothing open`, () => {
    const vectors = assignorVectors(assignor.name)
    assert.equal(vectors.length, count)
    for (const vector of vectors.filter(({ name, figuresVary }) => name !== beyondKafka && !figuresVary)) {
      const input = inputOf(vector)
      const assignment = plain(assignor.assign(input))
      if (vector.deterministic) assert.deepEqual(assignment, vector.assignment, vector.name)
      const figures = figuresOf({ ...vector, assignment }, input, claimsOf(assignor, input))
      assert.deepEqual({ ...figures, ...vector.figures }, figures, vector.name)
    }
  })

  test(`${assignor.name} lets the newest generation win, and knows no partition that its topic does not have`, () => {
    const [vector] = assignorVectors(assignor.name).filter(({ figuresVary }) => figuresVary)
    assert.deepEqual(plain(assignor.assign(inputOf(vector))).C, { t0: [0, 3] })
    const [beyond] = assignorVectors(assignor.name).filter(({ name }) => name === beyondKafka)
    assert.deepEqual(plain(assignor.assign(inputOf(beyond))), { A: { t0: [0, 2] }, B: { t0: [1, 3] } })
  })
}

test('members that speak sticky or cooperative-sticky know the generation of their user data', () => {
  const partitions = [{ topic: 't', partitions: [1, 0] }]
  const sticky = stickyAssignor.userData?.(partitions, 5) ?? null
  assert.deepEqual(decodeStickyUserData(sticky), { partitions, generation: 5 })
  assert.equal(decodeCooperativeUserData(cooperativeStickyAssignor.userData?.(partitions, 5) ?? null), 5)
})

test('a partition that moves is withheld for one round, then given: two rebalances settle it', () => {
  const topics = new Map([['t', { partitions: 4 }]])
  const alone = next(cooperativeStickyAssignor, { topics, members: [newMember('A')] })
  const both = [...alone.members, newMember('B')]
  const first = next(cooperativeStickyAssignor, { topics, members: both })
  assert.deepEqual(first.plain, { A: { t: [0, 1] }, B: {} })
  const second = next(cooperativeStickyAssignor, { topics, members: first.members })
  assert.deepEqual(second.plain, { A: { t: [0, 1] }, B: { t: [2, 3] } })
})

test('many members with different subscriptions are settled fast, and once settled nothing moves', () => {
  const topics = new Map(Array.from({ length: 20 }, (_, i) => [`t${i}`, { partitions: 50 }]))
  const names = [...topics.keys()]
  const members = Array.from({ length: 100 }, (_, i) =>
    newMember(
      `m${i}`,
      names.filter((_, topic) => (i * 7 + topic * 3) % 5 !== 0),
    ),
  )
  const settled = next(cooperativeStickyAssignor, { topics, members })
  const again = next(cooperativeStickyAssignor, { topics, members: settled.members })
  assert.deepEqual(again.plain, settled.plain)
  const counts = Object.values(again.plain).map((assigned) => Object.values(assigned).flat().length)
  assert.deepEqual([Math.min(...counts), Math.max(...counts)], [10, 10])
})

function newMember(memberId: string, topics: string[] = ['t']): AssignableMember {
  return {
    memberId,
    topics,
    groupInstanceId: null,
    rackId: null,
    ownedPartitions: [],
    generationId: -1,
    userData: null,
  }
}

/** One round: the assignment, and the members as they come to the next one. */
function next(assignor: Assignor, input: AssignmentInput) {
  const assignments: MemberAssignments = assignor.assign(input)
  const members = input.members.map((member) => ({
    ...member,
    generationId: member.generationId + 1,
    ownedPartitions: Array.from(assignments.get(member.memberId) ?? [], ([topic, partitions]) => ({
      topic,
      partitions,
    })),
  }))
  return { plain: plain(assignments), members }
}
