import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AssignableMember,
  type AssignableTopic,
  type Assignor,
  cooperativeStickyAssignor,
  type MemberAssignments,
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
} from '../src/index.js'
import { Chance } from './support/chance.js'

/** Which member owns a partition, by `topic/partition`. */
type Owners = ReadonlyMap<string, string>

const firstSeed = Number(process.env.RIVVEN_SEED ?? 1)
const games = 200
const rounds = 8

/** A group whose members come and go; each round is one generation. */
class Group {
  readonly topics: ReadonlyMap<string, AssignableTopic>
  readonly chance: Chance
  members: AssignableMember[] = []
  owners: Owners = new Map()
  readonly #assignor: Assignor
  readonly #isUniform: boolean
  #generation = 0
  #names = 0

  constructor(assignor: Assignor, seed: number, isUniform: boolean) {
    this.chance = new Chance(seed)
    this.#assignor = assignor
    this.#isUniform = isUniform
    const names = Array.from({ length: 1 + this.chance.below(4) }, (_, index) => `t${index}`)
    this.topics = new Map(names.map((name) => [name, { partitions: 1 + this.chance.below(12) }]))
    while (this.members.length < 1 + this.chance.below(6)) this.join()
  }

  get partitionCount(): number {
    return [...this.topics.values()].reduce((sum, { partitions }) => sum + partitions, 0)
  }

  join(): void {
    const all = [...this.topics.keys()]
    const some = all.filter(() => this.chance.below(3) > 0)
    const topics = this.#isUniform || some.length === 0 ? all : some
    const nothing = { groupInstanceId: null, rackId: null, ownedPartitions: [], generationId: -1, userData: null }
    this.members.push({ ...nothing, memberId: `m${this.chance.below(100)}-${++this.#names}`, topics })
  }

  leave(): void {
    this.members.splice(this.chance.below(this.members.length), 1)
  }

  /** One rebalance. Nothing is given to two, nor to somebody who did not subscribe. */
  rebalance(): void {
    const assigned = this.#assignor.assign({ topics: this.topics, members: this.members })
    this.#generation++
    this.owners = ownersOf(assigned, this.members)
    this.members = this.members.map((member) => this.#settled(member, assigned))
  }

  #settled(member: AssignableMember, assigned: MemberAssignments): AssignableMember {
    const own = Array.from(assigned.get(member.memberId) ?? [], ([topic, partitions]) => ({ topic, partitions }))
    const generationId = this.#generation
    if (this.#assignor === cooperativeStickyAssignor) return { ...member, ownedPartitions: own, generationId }
    return { ...member, generationId, userData: this.#assignor.userData?.(own, generationId) ?? null }
  }
}

function ownersOf(assigned: MemberAssignments, members: readonly AssignableMember[]): Owners {
  const owners = new Map<string, string>()
  assert.deepEqual([...assigned.keys()].sort(), members.map(({ memberId }) => memberId).sort())
  for (const { memberId, topics } of members) {
    for (const [topic, partitions] of assigned.get(memberId) ?? []) {
      assert.ok(topics.includes(topic), `${memberId} did not subscribe to ${topic}`)
      for (const partition of partitions) {
        assert.ok(!owners.has(`${topic}/${partition}`), `two own ${topic}/${partition}`)
        owners.set(`${topic}/${partition}`, memberId)
      }
    }
  }
  return owners
}

function checkCover({ topics, members, owners }: Group): void {
  for (const [topic, { partitions }] of topics) {
    const isWanted = members.some((member) => member.topics.includes(topic))
    for (let partition = 0; partition < partitions; partition++) {
      assert.equal(owners.has(`${topic}/${partition}`), isWanted, `${topic}/${partition}`)
    }
  }
}

function checkBalance({ members, owners }: Group, ofTopic = ''): void {
  const shares = members.map(({ memberId }) => {
    return [...owners].filter(([place, owner]) => owner === memberId && place.startsWith(ofTopic)).length
  })
  assert.ok(Math.max(...shares) - Math.min(...shares) <= 1, `shares ${shares} ${ofTopic}`)
}

/** Partitions whose owner stayed in the group and is not their owner any more. */
function movedBetween(before: Owners, { owners, members }: Group): number {
  const isHere = (memberId: string) => members.some((member) => member.memberId === memberId)
  return [...before].filter(([place, owner]) => isHere(owner) && owners.get(place) !== owner).length
}

function play(name: string, isUniform: boolean, assignor: Assignor, round: (group: Group) => void): void {
  test(name, () => {
    for (let seed = firstSeed; seed < firstSeed + games; seed++) {
      try {
        const group = new Group(assignor, seed, isUniform)
        for (let count = 0; count < rounds; count++) round(group)
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
      }
    }
  })
}

function change(group: Group): 'joined' | 'left' {
  const isJoin = group.members.length < 2 || group.chance.below(2) === 0
  if (isJoin) group.join()
  else group.leave()
  return isJoin ? 'joined' : 'left'
}

for (const assignor of [rangeAssignor, roundRobinAssignor, stickyAssignor]) {
  for (const isUniform of [true, false]) {
    const whose = isUniform ? 'equal' : 'different'
    play(
      `${assignor.name} gives each partition of ${whose} subscriptions to one subscriber`,
      isUniform,
      assignor,
      (group) => {
        change(group)
        group.rebalance()
        checkCover(group)
        if (isUniform && assignor !== rangeAssignor) checkBalance(group)
        for (const topic of isUniform ? group.topics.keys() : [])
          if (assignor === rangeAssignor) checkBalance(group, topic)
      },
    )
  }
}

play(
  'sticky moves nothing while members stay, and a fair share when one comes or goes',
  true,
  stickyAssignor,
  (group) => {
    group.rebalance()
    const before = group.owners
    group.rebalance()
    assert.deepEqual(group.owners, before)
    const size = group.members.length
    const what = change(group)
    group.rebalance()
    const most = what === 'joined' ? Math.ceil(group.partitionCount / (size + 1)) : 0
    assert.ok(movedBetween(before, group) <= most, `${movedBetween(before, group)} moved, at most ${most} may`)
  },
)

// With different subscriptions a third round is rare (8 of 12,000 changes): what was withheld may weigh otherwise once it is free.
for (const [whose, isUniform, mostRounds] of [
  ['equal', true, 2],
  ['different', false, 3],
] as const) {
  const name = `cooperative-sticky settles ${whose} subscriptions in ${mostRounds} rounds, and gives nobody what another holds`
  play(name, isUniform, cooperativeStickyAssignor, (group) => {
    change(group)
    for (let round = 1; round <= mostRounds; round++) {
      const isHere = (memberId: string) => group.members.some((member) => member.memberId === memberId)
      const held = [...group.owners].filter(([, owner]) => isHere(owner))
      group.rebalance()
      for (const [place, owner] of held) assert.ok([owner, undefined].includes(group.owners.get(place)), place)
    }
    checkCover(group)
    if (isUniform) checkBalance(group)
    const settled = group.owners
    group.rebalance()
    assert.deepEqual(group.owners, settled)
  })
}
