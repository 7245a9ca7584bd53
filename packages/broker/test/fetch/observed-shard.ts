import assert from 'node:assert/strict'
import {
  createShard,
  type Decision,
  defaultGroupConfig,
  encodeAssignment,
  type Group,
  type GroupShard,
  joinGroup,
  leaveGroup,
  type Now,
  replay,
  syncGroup,
  tick,
} from '@rivven/groups'
import type { GroupObserver } from '../../src/coordinator/groups/group-observer.js'
import type { FetchingClient } from '../../src/fetch/waiting-fetches.js'
import { TestClock } from '../coordinator/test-clock.js'

export const host = { clientId: 'app', clientHost: '/10.0.0.1' }

/** Groups on a clock that moves by hand; whoever observes them is told of each decision. */
export class ObservedShard {
  readonly clock: TestClock
  readonly shard: GroupShard
  readonly #observers: () => readonly GroupObserver[]
  #tickets = 0

  constructor(observers: () => readonly GroupObserver[], clock = new TestClock()) {
    let ids = 0
    this.clock = clock
    this.#observers = observers
    this.shard = createShard({ newId: () => `${++ids}`, config: { ...defaultGroupConfig, initialRebalanceDelayMs: 0 } })
  }

  group(groupId: string): Group {
    const group = this.shard.groups.get(groupId)
    assert.ok(group)
    return group
  }

  decide(run: (now: Now) => Decision): Decision {
    const now = { wall: this.clock.now(), monotonic: this.clock.monotonic() }
    const decision = run(now)
    for (const event of decision.events) replay(this.shard, event)
    for (const observer of this.#observers()) observer.decided(decision, this.shard, now)
    return decision
  }

  /** A static member, so that one JoinGroup is enough; its id. */
  join(groupId: string, groupInstanceId: string, memberId = '', client: FetchingClient = host): string {
    const request = {
      groupId,
      memberId,
      groupInstanceId,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from(`0 ${memberId}`) }],
      reason: null,
    }
    this.decide((now) =>
      joinGroup(this.shard, { ticket: ++this.#tickets, request, context: { apiVersion: 5, ...client }, now }),
    )
    return this.group(groupId).staticMembers.get(groupInstanceId)!
  }

  /** All of these have joined, and own these partitions of `t` from now on; their ids. */
  settled(groupId: string, owned: Record<string, number[]>, client: FetchingClient = host): string[] {
    const names = Object.keys(owned)
    const ids = names.map((name) => {
      const known = this.shard.groups.get(groupId)?.staticMembers.get(name)
      return this.join(groupId, name, known, client)
    })
    const group = this.group(groupId)
    while (group.state === 'PreparingRebalance') {
      this.clock.pass(100)
      this.tick(groupId)
    }
    const assignments = names.map((name, place) => ({
      memberId: ids[place]!,
      assignment: encodeAssignment({ assignedPartitions: [{ topic: 't', partitions: owned[name]! }] }),
    }))
    for (const [place, groupInstanceId] of names.entries()) {
      const request = {
        groupId,
        generationId: group.generation,
        memberId: ids[place]!,
        groupInstanceId,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: group.leaderId === ids[place] ? assignments : [],
      }
      this.decide((now) =>
        syncGroup(this.shard, { ticket: ++this.#tickets, request, context: { apiVersion: 5, ...client }, now }),
      )
    }
    assert.equal(group.state, 'Stable')
    // Time goes on: what begins to wait from here on is of this generation.
    this.clock.pass(1)
    return ids
  }

  leave(groupId: string, memberId: string, reason: string | null = null): void {
    const request = { groupId, memberId, members: [{ memberId, groupInstanceId: null, reason }] }
    this.decide((now) =>
      leaveGroup(this.shard, { ticket: ++this.#tickets, request, context: { apiVersion: 5, ...host }, now }),
    )
  }

  tick(groupId: string): void {
    this.decide((now) => tick(this.shard, groupId, now))
  }
}
