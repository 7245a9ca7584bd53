import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '../../src/database/database.js'
import { isPassing } from '../../src/database/database-error.js'
import { EPOCH_JUMP, type Registration } from '../../src/database/members.js'
import { createTopic, entry, implementations, LEASE_MS, partitionsOf, register } from './implementations.js'

const leaderEnds: readonly (readonly [
  string,
  (database: Database, leader: Registration, pass: (ms: number) => Promise<void>) => Promise<unknown>,
])[] = [
  ['has retired', (database, leader) => database.members.retire(leader.me)],
  ['was buried', (database, leader) => database.members.bury(leader.me, true, [])],
  ['is late', (_database, _leader, pass) => pass(LEASE_MS + 1)],
]

for (const { name, start } of implementations) {
  test(`${name}: each life of a broker has the next incarnation, and what it led in the next epoch`, async () => {
    const database = await (await start()).connect()
    const first = await register(database, 1)
    assert.deepEqual(first.me, { brokerId: 1, incarnation: 1 })
    const made = await createTopic(database, 'orders', [1, 1, null])
    assert.deepEqual(made.map(leadership), ['1.1 in 0', '1.1 in 0', 'null.0 in 0'])
    const second = await register(database, 1)
    assert.deepEqual(second.me, { brokerId: 1, incarnation: 2 })
    assert.deepEqual(second.partitions.map(leadership), ['1.2 in 1', '1.2 in 1'])
    assert.ok(second.partitions.every(({ changed }) => changed === second.version))
    assert.deepEqual((await partitionsOf(database, 'id-of-orders')).slice(0, 2), second.partitions)
    assert.equal(await database.members.renew(first.me, LEASE_MS), 'replaced')
  })

  test(`${name}: an id is taken while another process holds its lock and its lease is valid`, async () => {
    const shared = await start()
    const [own, other] = [await shared.connect(), await shared.connect()]
    const { me } = await register(own, 1)
    await (await own.openSession()).hold(1)
    assert.equal(await other.members.register(entry(1)), 'taken')
    assert.deepEqual((await register(own, 1)).me, { brokerId: 1, incarnation: 2 }, 'its own lock is not in its way')
    await shared.pass(LEASE_MS + 1)
    assert.deepEqual((await register(other, 1)).me, { brokerId: 1, incarnation: 3 }, 'it hangs, and is replaced')
    assert.equal(await own.members.renew(me, LEASE_MS), 'replaced')
  })

  test(`${name}: an id whose process is gone is free at once`, async () => {
    const shared = await start()
    const [own, other] = [await shared.connect(), await shared.connect()]
    await register(own, 1)
    await (await own.openSession()).hold(1)
    await own.close()
    assert.deepEqual((await register(other, 1)).me, { brokerId: 1, incarnation: 2 })
  })

  test(`${name}: who has no id gets that of its address, or the lowest one that is free`, async () => {
    const shared = await start()
    const [first, second, third] = [await shared.connect(), await shared.connect(), await shared.connect()]
    const idAt = async (database: Database, port: number) => {
      const registration = await database.members.register(entry(undefined, port))
      return registration === 'taken' ? registration : registration.me.brokerId
    }
    assert.equal(await idAt(first, 9001), 1)
    assert.equal(await idAt(first, 9001), 1, 'asked again, as after an unknown outcome')
    assert.equal(await idAt(second, 9002), 2)
    await (await second.openSession()).hold(2)
    assert.equal(await idAt(third, 9002), 3, 'the address of a process that lives is taken')
    await first.members.retire({ brokerId: 1, incarnation: 2 })
    assert.equal(await idAt(third, 9004), 1)
  })

  test(`${name}: a lease ends when it is not renewed, and renewing tells whose is over`, async () => {
    const shared = await start()
    const database = await shared.connect()
    const [one, two] = [await register(database, 1), await register(database, 2)]
    await shared.pass(LEASE_MS - 100)
    const early = await renewed(database, one)
    assert.deepEqual(early.late, [])
    assert.equal(early.version, two.version, 'a renewal is no change')
    await shared.pass(200)
    assert.deepEqual((await renewed(database, one)).late, [two.me])
    assert.deepEqual((await renewed(database, two)).late, [], 'one that is over can still be renewed')
    assert.deepEqual((await renewed(database, one)).late, [])
  })

  test(`${name}: a partition is moved by its leader, to one that is here, in the epoch that it has`, async () => {
    const shared = await start()
    const database = await shared.connect()
    const [one, two] = [await register(database, 1), await register(database, 2)]
    const [part] = await createTopic(database, 'orders', [1])
    const { partId } = part!
    const move = (epoch: number, target: number, me = one.me) =>
      database.members.assign(me, [{ partId, epoch, target }])
    assert.deepEqual((await move(0, 2, two.me)).partitions, [], 'it is not the leader')
    assert.deepEqual((await move(1, 2)).partitions, [], 'that is not the epoch')
    assert.deepEqual((await move(0, 3)).partitions, [], 'there is no such broker')
    const moved = await move(0, 2)
    assert.deepEqual(moved.partitions.map(leadership), ['2.1 in 1'])
    assert.deepEqual(await partitionsOf(database, 'id-of-orders'), moved.partitions)
    assert.deepEqual((await move(0, 2)).partitions, [], 'made again')
    assert.equal((await database.metadata.changesSince(0)).version, moved.version)
  })

  test(`${name}: a partition is not moved to a broker that is gone, or whose lease is over`, async () => {
    const shared = await start()
    const database = await shared.connect()
    const [one, two] = [await register(database, 1), await register(database, 2)]
    const [part] = await createTopic(database, 'orders', [1])
    await shared.pass(LEASE_MS)
    await renewed(database, one)
    const move = () => database.members.assign(one.me, [{ partId: part!.partId, epoch: 0, target: 2 }])
    assert.deepEqual((await move()).partitions, [])
    await renewed(database, two)
    await database.members.retire(two.me)
    assert.deepEqual((await move()).partitions, [])
  })

  for (const [how, ends] of leaderEnds) {
    test(`${name}: a partition is moved by anybody when its leader ${how}`, async () => {
      const shared = await start()
      const database = await shared.connect()
      const [one, two] = [await register(database, 1), await register(database, 2)]
      const [part] = await createTopic(database, 'orders', [1])
      await ends(database, one, shared.pass)
      await renewed(database, two)
      const epoch = (await partitionsOf(database, 'id-of-orders'))[0]!.epoch
      const { partitions } = await database.members.assign(two.me, [{ partId: part!.partId, epoch, target: 2 }])
      assert.deepEqual(partitions.map(leadership), [`2.1 in ${epoch + 1}`])
    })
  }

  test(`${name}: moves of one call are made, or not, each by itself, all in one version`, async () => {
    const database = await (await start()).connect()
    const [one] = [await register(database, 1), await register(database, 2)]
    const parts = await createTopic(database, 'orders', [1, 2, null, 1])
    const moves = parts.map(({ partId, index }) => ({ partId, epoch: index === 3 ? 7 : 0, target: 2 }))
    const { partitions, version } = await database.members.assign(one.me, moves)
    assert.deepEqual(
      partitions.map(({ index }) => index),
      [0, 2],
    )
    assert.ok(partitions.every(({ changed }) => changed === version))
  })

  test(`${name}: who is late is buried, and what it led goes to others in the same call`, async () => {
    const shared = await start()
    const database = await shared.connect()
    const [one, two] = [await register(database, 1), await register(database, 2)]
    const [part] = await createTopic(database, 'orders', [2])
    const bury = (sawItsEnd: boolean) =>
      database.members.bury(two.me, sawItsEnd, [{ partId: part!.partId, epoch: 0, target: 1 }])
    const early = await bury(false)
    assert.deepEqual([early.isBuried, early.partitions], [false, []], 'its lease is valid')
    await shared.pass(LEASE_MS + 1)
    await renewed(database, one)
    const { isBuried, partitions, version } = await bury(false)
    assert.ok(isBuried)
    assert.deepEqual(partitions.map(leadership), ['1.1 in 1'])
    const { brokers, version: now } = await database.metadata.changesSince(version - 1)
    assert.deepEqual(
      brokers.map(({ brokerId, isGone }) => [brokerId, isGone]),
      [[2, true]],
    )
    assert.equal(now, version, 'all in one version')
    const again = await bury(false)
    assert.deepEqual([again.isBuried, again.partitions], [false, []])
    assert.equal(await database.members.renew(two.me, LEASE_MS), 'replaced')
    assert.deepEqual((await renewed(database, one)).late, [])
  })

  test(`${name}: who was seen to end is buried within its lease, but not its next life`, async () => {
    const database = await (await start()).connect()
    const [, two] = [await register(database, 1), await register(database, 2)]
    await register(database, 2)
    assert.equal((await database.members.bury(two.me, true, [])).isBuried, false)
    assert.equal((await database.members.bury({ brokerId: 2, incarnation: 2 }, true, [])).isBuried, true)
    assert.equal((await database.members.bury({ brokerId: 7, incarnation: 1 }, true, [])).isBuried, false)
  })

  test(`${name}: after a fail-over a broker registers first, and no epoch of before is given again`, async () => {
    const shared = await start()
    const [one, two] = [await shared.connect(), await shared.connect()]
    const { me } = await register(one, 1)
    await register(two, 2)
    const [part] = await createTopic(one, 'orders', [1, 2])
    await shared.failOver()
    const move = { partId: part!.partId, epoch: 0, target: 2 }
    const refused = await eventually(() => one.members.assign(me, [move]), 'UnavailableError')
    assert.match(refused, /register there first/)
    const { partitions, timeline } = await register(one, 1)
    assert.deepEqual(partitions.map(leadership), [`1.2 in ${EPOCH_JUMP}`])
    const all = await partitionsOf(one, 'id-of-orders')
    assert.deepEqual(all.map(leadership), [`1.2 in ${EPOCH_JUMP}`, `2.1 in ${EPOCH_JUMP}`])
    const again = await register(two, 2)
    assert.deepEqual(again.partitions.map(leadership), [`2.2 in ${EPOCH_JUMP + 1}`])
    assert.equal(again.timeline, timeline)
  })

  test(`${name}: who retires is gone, once`, async () => {
    const database = await (await start()).connect()
    const { me } = await register(database, 1)
    const { isDone, version } = await database.members.retire(me)
    assert.ok(isDone)
    assert.deepEqual(await database.members.retire(me), { isDone: false, version })
    assert.equal((await register(database, 1)).me.incarnation, 2)
  })

  test(`${name}: draining is noted of brokers that are here, and kept by who registers with it`, async () => {
    const database = await (await start()).connect()
    const { me } = await register(database, 1)
    const { isDone, version } = await database.members.setDraining(1, true)
    assert.ok(isDone)
    const { brokers } = await database.metadata.changesSince(version - 1)
    assert.deepEqual(
      brokers.map(({ isDraining }) => isDraining),
      [true],
    )
    await database.members.retire(me)
    assert.equal((await database.members.setDraining(1, true)).isDone, false)
    assert.equal((await database.members.setDraining(2, true)).isDone, false)
    await database.members.register({ ...entry(1), isDraining: true })
    assert.equal((await database.metadata.changesSince(0)).brokers[0]?.isDraining, true)
  })
}

function leadership({ leader, incarnation, epoch }: { leader: number | null; incarnation: number; epoch: number }) {
  return `${leader}.${incarnation} in ${epoch}`
}

/** Made again while nobody knows the outcome: a connection may have broken under it. Answers why it is refused. */
async function eventually(call: () => Promise<unknown>, refusal: string): Promise<string> {
  for (;;) {
    const error = await call().then(
      () => new Error('It was not refused.'),
      (fault: Error) => fault,
    )
    if (error.name === refusal) return error.message
    assert.ok(isPassing(error), error.message)
  }
}

async function renewed(database: Database, { me }: Registration) {
  const renewal = await database.members.renew(me, LEASE_MS)
  if (renewal === 'replaced') throw new Error(`Broker ${me.brokerId} was replaced.`)
  return renewal
}
