import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@rivven/fakes'
import type { Awaited, WaitedFor } from '../../../src/consumer/group/awaited-members.js'
import { WaitWatch } from '../../../src/consumer/group/wait-watch.js'

const member = (memberId: string): WaitedFor => ({
  ...{ memberId, groupInstanceId: null, clientId: memberId, clientHost: '/10.0.0.7' },
  ...{ lastHeardAt: null, disconnectedAt: null, until: null },
})

/** A member that joins, and gets these answers one after the other when it asks for whom its group waits. */
function joining(...answers: Awaited[]) {
  const clock = new FakeClock()
  const warnings: string[] = []
  const watch = new WaitWatch({
    groupId: 'g',
    clock,
    random: { next: () => 0, uuid: () => '' } as never,
    logger: { warn: (text) => void warnings.push(text) },
    ask: async () => answers.shift() ?? { members: [], isCertain: true },
  })
  watch.start()
  const names = () => watch.waiting(clock.monotonic())?.members.map(({ memberId }) => memberId)
  return { clock, watch, warnings, names }
}

test('who holds up a rebalance is named at the first look where the broker says who it is', async () => {
  const { clock, warnings, names } = joining({ members: [member('dead')], isCertain: true })
  await clock.advance(4_999)
  assert.equal(names(), undefined)
  await clock.advance(1)
  assert.deepEqual(names(), ['dead'])
  assert.match(warnings[0]!, /^Group g has been rebalancing for 5 s and waits for dead on 10\.0\.0\.7\./)
})

test('members that start together on an empty group are not held to wait for each other', async () => {
  const beside = { members: [member('beside')], isCertain: false }
  const { clock, watch, warnings, names } = joining(beside, beside)
  await clock.advance(5_000)
  assert.deepEqual([names(), warnings], [[], []])
  watch.stop()
  watch.start()
  await clock.advance(5_000)
  assert.deepEqual([names(), warnings], [[], []])
  const noted = joining({ members: [], isCertain: true })
  await noted.clock.advance(60_000)
  assert.deepEqual([noted.names(), noted.warnings], [[], []])
})

test('where the broker does not say who it is, those are named who were there at the look before', async () => {
  const first = { members: [member('dead')], isCertain: false }
  const { clock, names } = joining(first, { members: [member('dead'), member('new')], isCertain: false })
  await clock.advance(15_000)
  assert.deepEqual(names(), ['dead'])
})
