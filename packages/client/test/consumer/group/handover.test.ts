import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@rivven/fakes'
import { cooperativeStickyAssignor } from '@rivven/groups'
import { Handover } from '../../../src/consumer/group/handover.js'
import { newMember } from '../../../src/consumer/group/member.js'
import { Ownership } from '../../../src/consumer/group/ownership.js'
import { ListenerCalls } from '../../../src/consumer/group/rebalance-listener.js'
import { SubscriptionState } from '../../../src/consumer/state/subscription-state.js'
import { partitionsText } from '../../../src/topic-partition.js'

/** A cooperative member that owns kept/0 and left/0, and has just dropped the topic left. */
function leaving() {
  const clock = new FakeClock()
  const told: string[] = []
  const member = { ...newMember(), memberId: 'm', generationId: 3, protocol: 'cooperative' as const }
  const subscription = new SubscriptionState()
  subscription.subscribe(['kept', 'left'])
  subscription.replaceAssignment(['kept', 'left'].map((topic) => ({ topic, partition: 0 })))
  subscription.subscribe(['kept'])
  const calls = new ListenerCalls(clock, 1_000)
  const ownership = new Ownership(subscription, calls, { clientId: 'test', groupId: 'g' })
  const parts = { clock, commitTimeoutMs: 1_000, subscription, ownership, member }
  let onCommit: () => void | Promise<void> = () => undefined
  const commitHandled = async () => onCommit()
  const handover = new Handover({ ...parts, commitHandled, requestRejoin: () => undefined })
  const info = () => ({ generation: 3, protocol: 'cooperative' as const, cause: 'test' })
  const giveUp = () => handover.giveUp(1_000, info)
  /** Takes a generation in which it has kept/0 alone. */
  const take = (committing: () => void) => {
    onCommit = committing
    const assignment = { assignedPartitions: [{ topic: 'kept', partitions: [0] }], userData: null }
    return handover.take({ assignor: cooperativeStickyAssignor, generationId: 4, assignment }, info)
  }
  const listen = (onRevoked: () => void) => {
    calls.listener = {
      onPartitionsRevoked: (partitions) => {
        told.push(`revoked ${partitionsText(partitions)}`)
        onRevoked()
      },
      onPartitionsLost: (partitions) => {
        told.push(`lost ${partitionsText(partitions)}`)
      },
    }
  }
  const commitsWith = (commit: () => Promise<void>) => {
    onCommit = commit
  }
  return { clock, member, subscription, told, listen, giveUp, take, commitsWith }
}

test('before it joins a cooperative member gives up what it does not subscribe to any more', async () => {
  const { subscription, told, listen, giveUp } = leaving()
  listen(() => undefined)
  assert.equal(await giveUp(), true)
  assert.deepEqual(told, ['revoked left/0'])
  assert.equal(partitionsText(subscription.assigned), 'kept/0')
})

test('what is lost while the listener gives up a part is lost before it joins', async () => {
  const { member, subscription, told, listen, giveUp } = leaving()
  listen(() => {
    member.generationId = -1
  })
  assert.equal(await giveUp(), true)
  assert.deepEqual(told, ['revoked left/0', 'lost kept/0'])
  assert.deepEqual([...subscription.assigned], [])
})

test('what is lost while a commit before it lasts is lost at once, not when the commit is done', async () => {
  const { clock, member, subscription, told, listen, giveUp, commitsWith } = leaving()
  listen(() => undefined)
  commitsWith(() => new Promise(() => undefined))
  const givingUp = giveUp()
  member.generationId = -1
  assert.equal(await clock.until(givingUp), true)
  assert.deepEqual(told, ['lost kept/0, left/0'])
  assert.deepEqual([...subscription.assigned], [])
})

test('a cooperative member gives up what moves to others, and keeps the rest', async () => {
  const { subscription, told, listen, take } = leaving()
  listen(() => undefined)
  assert.equal(await take(() => undefined), 1)
  assert.deepEqual(told, ['revoked left/0'])
  assert.equal(partitionsText(subscription.assigned), 'kept/0')
})

test('where the commit before that tells that its place is lost, nothing is given up in good order or taken', async () => {
  const { member, subscription, told, listen, giveUp, take } = leaving()
  listen(() => undefined)
  await take(() => {
    member.generationId = -1
  })
  assert.deepEqual(told, [])
  await giveUp()
  assert.deepEqual(told, ['lost kept/0, left/0'])
  assert.deepEqual([...subscription.assigned], [])
})
