import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JoinGroupResponse, SyncGroupResponse } from '@rivven/protocol'
import { createShard, decodeEvent, type Group, type RebalanceStory, replay, tellStory } from '../src/index.js'
import { bytesOfMember } from '../src/member-room.js'
import { Chance } from './support/chance.js'
import { groupId, type Sent, TestHost } from './support/host.js'

/** A client of the group, which may be slow, forgetful or gone, but never lies about what it was told. */
interface Player {
  memberId: string
  groupInstanceId: string | null
  generation: number
  isLeader: boolean
  others: string[]
  join: Sent<JoinGroupResponse> | null
  sync: Sent<SyncGroupResponse> | null
}

class Game {
  readonly host: TestHost
  readonly players: Player[] = []
  readonly chance: Chance
  /** generation -> memberId -> assignment, as handed out. */
  readonly handedOut = new Map<number, Map<string, string>>()
  readonly formed: number[] = []
  private lastStory = 0
  private readonly pendingAnswers = new Set<Sent<unknown>>()

  constructor(seed: number) {
    this.chance = new Chance(seed)
    const initialRebalanceDelayMs = this.chance.of([0, 3_000])
    this.host = new TestHost({ initialRebalanceDelayMs, maxSize: this.chance.of([3, 100]) })
  }

  step(): void {
    const moves = [this.arrive, this.join, this.join, this.join, this.sync, this.sync, this.beat, this.beat, this.leave]
    const rare = [this.crash, this.longWait, this.longWait, this.forget, this.commit, this.stale]
    const move = this.chance.below(12) === 0 ? this.chance.of(rare) : this.chance.of(moves)
    move.call(this)
    if (this.chance.below(3) > 0) this.host.advance(this.chance.below(2_000))
    this.listen()
    this.check()
  }

  /** Every request that waits is answered in the end, whatever nobody does any more. */
  finish(): void {
    this.host.advance(1_000_000)
    this.listen()
    assert.equal(this.host.waitingRequests, 0, 'requests still wait')
    assert.ok(['Empty', 'Dead'].includes(this.host.state), this.host.state)
  }

  private arrive(): void {
    if (this.players.length > 6) return
    const groupInstanceId = this.chance.below(3) === 0 ? this.chance.of(['i', 'j', '__proto__']) : null
    const nobody = { memberId: '', generation: -1, isLeader: false, others: [], join: null, sync: null }
    this.players.push({ ...nobody, groupInstanceId })
  }

  private join(): void {
    const player = this.anyPlayer()
    if (!player) return
    const protocols = this.chance.of<Record<string, string>>([
      { range: 'm' },
      { range: 'm', sticky: 's' },
      { sticky: 's', range: 'other' },
    ])
    const { memberId, groupInstanceId } = player
    const options = { memberId, groupInstanceId, protocols, rebalanceTimeoutMs: this.chance.of([5_000, 20_000]) }
    player.join = this.await(this.host.join({ ...options, version: this.chance.of([3, 5, 9]) }))
  }

  private sync(): void {
    const player = this.anyPlayer()
    if (player && player.generation >= 0) this.syncAs(player)
  }

  private syncAs(player: Player): void {
    const { memberId, groupInstanceId, generation, isLeader, others } = player
    const shares = others.map((other) => [other, `${generation}:${other}:${this.chance.below(1_000)}`])
    const assignments = isLeader ? Object.fromEntries(shares) : {}
    player.sync = this.await(this.host.sync({ memberId, groupInstanceId, generationId: generation, assignments }))
  }

  private beat(): void {
    const player = this.anyPlayer()
    if (!player || player.generation < 0) return
    const before = this.host.shard.groups.get(groupId)?.state
    const errorCode = this.host.beat(player.memberId, player.generation, player.groupInstanceId)
    if (errorCode === 27) assert.equal(before, 'PreparingRebalance')
    if (errorCode === 0) assert.notEqual(before, 'PreparingRebalance', 'a rebalance is not told')
    if (errorCode === 25 || errorCode === 82) this.remove(player)
  }

  private leave(): void {
    const player = this.anyPlayer()
    if (!player || this.chance.below(3) > 0) return
    this.host.leave([{ memberId: player.memberId, groupInstanceId: player.groupInstanceId ?? undefined }])
    this.remove(player)
  }

  private crash(): void {
    this.pendingAnswers.clear()
    this.host.restart()
    for (const player of this.players) Object.assign(player, { join: null, sync: null })
  }

  private longWait(): void {
    this.host.advance(this.chance.below(40_000))
  }

  private forget(): void {
    const player = this.anyPlayer()
    if (player) this.remove(player)
  }

  private commit(): void {
    const player = this.anyPlayer()
    const offset = this.chance.below(100)
    const before = this.host.committed()
    const errorCode = this.host.commit({ memberId: player?.memberId, generationId: player?.generation, offset })
    assert.equal(this.host.committed(), errorCode === 0 ? offset : before)
  }

  /** Fencing: what is of the past changes nothing. */
  private stale(): void {
    const group = this.host.shard.groups.get(groupId)
    if (!group || group.generation === 0) return
    const before = outline(group)
    for (const memberId of [...group.members.keys(), 'stranger']) {
      assert.notEqual(this.host.beat(memberId, group.generation - 1), 0)
      assert.notEqual(this.host.sync({ memberId, generationId: group.generation - 1 }).answer.errorCode, 0)
      assert.notEqual(this.host.commit({ memberId, generationId: group.generation - 1 }), 0)
    }
    assert.notEqual(this.host.join({ memberId: 'stranger' }).answer.errorCode, 0)
    if (group.state !== 'Empty' && group.members.size < 3) assert.deepEqual(outline(group), before)
  }

  private anyPlayer(): Player | undefined {
    return this.players.length === 0 ? undefined : this.chance.of(this.players)
  }

  private remove(player: Player): void {
    this.players.splice(this.players.indexOf(player), 1)
  }

  private await<Response>(sent: Sent<Response>): Sent<Response> {
    this.pendingAnswers.add(sent)
    return sent
  }

  /** Players take in what they were answered. */
  private listen(): void {
    for (const sent of this.pendingAnswers) {
      assert.ok(sent.answers.length <= 1, 'answered twice')
      if (!sent.isWaiting) this.pendingAnswers.delete(sent)
    }
    assert.equal(this.host.waitingRequests, this.pendingAnswers.size)
    for (const player of [...this.players]) {
      this.hearSync(player)
      this.hearJoin(player)
      if (player.generation >= 0 && this.chance.below(2) === 0) this.syncAs(player)
    }
  }

  private hearJoin(player: Player): void {
    if (!player.join || player.join.isWaiting) return
    const { answer } = player.join
    player.join = null
    if (answer.errorCode === 79) player.memberId = answer.memberId
    else if (answer.errorCode === 0) this.hearGeneration(player, answer)
    else if (answer.errorCode !== 27) this.remove(player)
  }

  private hearGeneration(player: Player, answer: JoinGroupResponse): void {
    player.memberId = answer.memberId
    player.generation = answer.generationId
    player.isLeader = answer.leader === answer.memberId && !answer.skipAssignment
    player.others = answer.members.map(({ memberId }) => memberId)
  }

  private hearSync(player: Player): void {
    if (!player.sync || player.sync.isWaiting) return
    const { answer } = player.sync
    player.sync = null
    if (answer.errorCode === 25 || answer.errorCode === 82) this.remove(player)
    if (answer.errorCode !== 0) return
    const generation = this.handedOut.get(player.generation) ?? new Map<string, string>()
    this.handedOut.set(player.generation, generation)
    const bytes = answer.assignment.toString()
    assert.equal(generation.get(player.memberId) ?? bytes, bytes, 'two assignments in one generation')
    generation.set(player.memberId, bytes)
    if (bytes !== '') assert.ok(bytes.startsWith(`${player.generation}:`), 'an assignment of another generation')
  }

  private check(): void {
    for (const { kind, generation } of this.host.notes.splice(0)) {
      if (kind !== 'formed' && kind !== 'emptied') continue
      assert.ok(generation > (this.formed.at(-1) ?? 0), `generation ${generation} was handed out before`)
      this.formed.push(generation)
    }
    this.checkStories()
    const group = this.host.shard.groups.get(groupId)
    if (group) checkGroup(group, this.host.now.monotonic)
    this.checkReplay()
  }

  private checkStories(): void {
    for (const ended of this.host.ended.splice(0)) {
      const story = tellStory(ended)
      checkStory(story)
      const isNew = story.generation === 0 || story.generation > this.lastStory || story.outcome === 'coordinator moved'
      assert.ok(isNew, `the story of generation ${story.generation} was told before`)
      this.lastStory = Math.max(this.lastStory, story.generation)
      assert.deepEqual(JSON.parse(JSON.stringify(story)), story)
    }
  }

  /** The log alone gives the durable state. */
  private checkReplay(): void {
    const copy = createShard({ newId: () => 'none' })
    for (const { key, value } of this.host.log) {
      const event = decodeEvent(key, value)
      if (event) replay(copy, event)
    }
    for (const [name, group] of this.host.shard.groups) {
      const replayed = copy.groups.get(name)
      assert.deepEqual(replayed?.stored ?? null, group.stored)
      assert.equal(replayed?.reservedGeneration ?? 0, group.reservedGeneration)
      assert.deepEqual(replayed?.offsets.committed ?? new Map(), group.offsets.committed)
    }
  }
}

function outline(group: Group): unknown {
  const members = Array.from(group.members.values(), ({ memberId, deadline }) => [memberId, deadline])
  return { state: group.state, generation: group.generation, leader: group.leaderId, members }
}

/** What holds of every story. */
function checkStory(story: RebalanceStory): void {
  const { startedAt, endedAt, phases, outcome, generation, partitions, late } = story
  const { joinMs, syncMs } = phases
  assert.ok(startedAt <= endedAt && joinMs >= 0)
  assert.ok(joinMs + (syncMs ?? 0) <= endedAt - startedAt + 1, 'phases are longer than the whole')
  assert.equal(syncMs !== null, outcome === 'stable')
  if (outcome !== 'coordinator moved') assert.ok(generation > 0)
  if (outcome === 'stable') assert.ok(story.protocol.elected !== null && story.membersAfter > 0)
  if (outcome === 'emptied') assert.equal(story.membersAfter, 0)
  assert.ok(story.joined.length <= story.joinedCount && story.left.length <= story.leftCount)
  assert.equal(story.membersBefore + story.joinedCount - story.leftCount, story.membersAfter, 'members do not add up')
  for (const { waitedMs, removed, memberId } of late) {
    assert.ok(waitedMs >= 0)
    if (removed) assert.ok(story.left.some((member) => member.memberId === memberId))
  }
  if (partitions) assert.ok(partitions.moved + partitions.kept <= partitions.assigned)
}

/** What holds of a group in every state. */
function checkGroup(group: Group, monotonic: number): void {
  const members = [...group.members.values()]
  assert.equal(group.parkedJoins, members.filter(({ parkedJoin }) => parkedJoin).length)
  assert.equal(members.length > 0, group.leaderId !== null && group.members.has(group.leaderId))
  assert.equal(group.state === 'Empty', members.length === 0 && group.state !== 'PreparingRebalance')
  assert.equal(group.state === 'PreparingRebalance', group.joinPhase !== null)
  assert.deepEqual(
    [...group.staticMembers].sort(),
    members
      .flatMap(({ groupInstanceId, memberId }) => (groupInstanceId === null ? [] : [[groupInstanceId, memberId]]))
      .sort(),
  )
  for (const member of members) {
    if (member.parkedJoin) assert.equal(group.state, 'PreparingRebalance')
    if (member.parkedSync) assert.equal(group.state, 'CompletingRebalance')
    assert.ok(member.deadline > monotonic || member.parkedJoin || member.parkedSync, 'a silent member is still in')
    assert.ok(group.nextDeadline <= member.deadline)
  }
  assert.equal(
    group.memberBytes,
    members.reduce((sum, member) => sum + bytesOfMember(member), 0),
  )
  assert.equal(
    group.assignmentBytes,
    group.stored?.members.reduce((sum, { assignment }) => sum + assignment.length, 0) ?? 0,
  )
  for (const memberId of group.pendingSync) assert.ok(group.members.has(memberId))
  if (group.state === 'Stable' || group.state === 'CompletingRebalance') {
    const named = group.supportedProtocols.get(group.protocolName ?? '')
    assert.equal(named, members.length, 'a protocol that not all members named')
  }
}

const games = 150
const steps = 120
const firstSeed = Number(process.env.RIVVEN_SEED ?? 1)

test('whatever clients do, generations rise, assignments hold together and nobody waits for ever', () => {
  for (let seed = firstSeed; seed < firstSeed + games; seed++) {
    const game = new Game(seed)
    try {
      for (let step = 0; step < steps; step++) game.step()
      game.finish()
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
})
