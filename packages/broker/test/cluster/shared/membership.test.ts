import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usualTimes } from '../../../src/cluster/shared/cluster-times.js'
import { Membership } from '../../../src/cluster/shared/members/membership.js'
import { UnavailableError } from '../../../src/database/database-error.js'
import type { Members, Registration, Renewal } from '../../../src/database/members.js'
import { settled, TestClock } from '../../coordinator/test-clock.js'

const renewal: Renewal = { version: 1, timeline: '1', late: [] }
const registration: Registration = {
  me: { brokerId: 1, incarnation: 4 },
  version: 1,
  timeline: '1',
  partitions: [],
}
const entry = { brokerId: 1, addresses: new Map(), rack: null, software: '1', isDraining: false }

/** A member whose renewals are answered by hand. */
async function member() {
  const clock = new TestClock()
  const renewals: { answer(what: Renewal | 'replaced'): Promise<void>; fail(): Promise<void> }[] = []
  const told: string[] = []
  const renew = () =>
    new Promise<Renewal | 'replaced'>((resolve, reject) => {
      const end = (work: () => void) => {
        work()
        return settled()
      }
      renewals.push({
        answer: (what) => end(() => resolve(what)),
        fail: () => end(() => reject(new UnavailableError('away'))),
      })
    })
  const members = { register: async () => registration, renew } as unknown as Members
  const renewed = () => void told.push('renewed')
  const lost = (why: string) => void told.push(why)
  const membership = new Membership({ members, clock, times: usualTimes, renewed, lost })
  await membership.register(entry)
  return { clock, renewals, told, membership }
}

test('a lease counts from when the renewal was sent, however late its answer comes', async () => {
  const { clock, renewals, membership } = await member()
  await clock.advance(500)
  await clock.advance(900)
  await renewals[0]?.answer(renewal)
  await clock.advance(2_099)
  assert.ok(membership.isServing)
  clock.pass(1)
  assert.equal(membership.isServing, false)
})

test('it is over at the moment when it is looked at, before any timer has fired', async () => {
  const { clock, membership, told } = await member()
  clock.pass(3_000)
  assert.equal(membership.isServing, false)
  assert.deepEqual(told, [])
  await clock.advance(0)
  assert.deepEqual(told, ['lease'])
  assert.equal(membership.me, undefined)
})

test('a renewal that comes back after the end revives nothing', async () => {
  const { clock, renewals, told } = await member()
  await clock.advance(500)
  clock.pass(2_600)
  await renewals[0]?.answer(renewal)
  assert.deepEqual(told, ['lease'])
})

test('a renewal without an answer is given up after a third of the lease, and the next one counts', async () => {
  const { clock, renewals, membership } = await member()
  await clock.advance(500 + 1_000 + 500)
  assert.equal(renewals.length, 2)
  await renewals[1]?.answer(renewal)
  await clock.advance(2_500)
  assert.ok(membership.isServing)
})

test('one that fails is followed by the next; the lease goes on meanwhile', async () => {
  const { clock, renewals, membership } = await member()
  for (let at = 0; at < 5; at++) {
    await clock.advance(500)
    await renewals[at]?.fail()
    assert.ok(membership.isServing)
  }
  assert.equal(membership.unbrokenMs, 2_500)
  await clock.advance(500)
  assert.equal(membership.isServing, false)
  assert.equal(membership.unbrokenMs, 0)
})

for (const [what, answer, why] of [
  ['a later life of its id is there', 'replaced', 'replaced'],
  ['the database has another timeline', { ...renewal, timeline: '2' }, 'database'],
] as const) {
  test(`a life is over at once when ${what}`, async () => {
    const { clock, renewals, membership, told } = await member()
    await clock.advance(500)
    await renewals[0]?.answer(answer)
    assert.equal(membership.isServing, false)
    assert.deepEqual(told, [why])
    await clock.advance(10_000)
    assert.deepEqual([renewals.length, told.length], [1, 1])
  })
}
