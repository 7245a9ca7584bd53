import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '@rivven/broker'
import { databaseHost } from '../src/world/database-wire.js'
import type { Life } from '../src/world/life.js'
import { SimDatabase } from '../src/world/sim-database.js'
import { World } from '../src/world/world.js'

interface Scene {
  readonly world: World
  readonly database: SimDatabase
  readonly near: Reached
  readonly other: Reached
}

interface Reached {
  readonly life: Life
  readonly database: Database
}

/** Two processes on two machines, and the database that both reach. */
function scene(): Scene {
  const world = new World(1)
  const database = new SimDatabase(world)
  const reach = (name: string) => {
    const { life } = world.begin(name)
    return { life, database: database.connect(life) }
  }
  return { world, database, near: reach('near'), other: reach('other') }
}

/** What becomes of a call: its answer, or the name of its error. */
function fateOf(call: Promise<unknown>): { is: unknown } {
  const fate: { is: unknown } = { is: 'waits' }
  call.then(
    (answer) => {
      fate.is = answer
    },
    (error: Error) => {
      fate.is = error.name
    },
  )
  return fate
}

const pass = ({ schedule }: World, ms: number) => schedule.run(schedule.now + ms)
const take = ({ database }: Reached) => fateOf(database.metadata.takeIds('producer', 1))

/** How many ids were taken so far. */
async function taken({ world, other }: Scene): Promise<unknown> {
  const fate = take(other)
  await pass(world, 5)
  return fate.is
}

test('a call is done when it arrives, and heard of later', async () => {
  const { world, near } = scene()
  const fate = take(near)
  await pass(world, 0)
  assert.equal(fate.is, 'waits')
  await pass(world, 5)
  assert.equal(fate.is, 0)
})

test('on a line that is cut for a while a call waits, and is done later', async () => {
  const all = scene()
  all.world.network.cut('near', databaseHost)
  const fate = take(all.near)
  await pass(all.world, 3_000)
  assert.equal(await taken(all), 0)
  all.world.network.heal('near', databaseHost)
  await pass(all.world, 5)
  assert.equal(fate.is, 1)
})

test('a line that is cut for long is given up: nobody knows whether a call was done, and later ones are not', async () => {
  const all = scene()
  all.world.network.cut('near', databaseHost, 'to')
  const unheard = take(all.near)
  await pass(all.world, 5_010)
  assert.equal(unheard.is, 'UnknownOutcomeError')
  const later = take(all.near)
  await pass(all.world, 1_010)
  assert.equal(later.is, 'UnavailableError')
  all.world.network.heal('near', databaseHost)
  assert.equal(await taken(all), 0)
  const healed = take(all.near)
  await pass(all.world, 5)
  assert.equal(healed.is, 1)
})

test('where only answers are lost the call was done', async () => {
  const all = scene()
  all.world.network.cut('near', databaseHost, 'from')
  const unanswered = take(all.near)
  await pass(all.world, 5_010)
  assert.equal(unanswered.is, 'UnknownOutcomeError')
  assert.equal(await taken(all), 1)
})

test('a database that is away refuses, and what was under way is lost with it', async () => {
  const all = scene()
  const underWay = take(all.near)
  all.database.stop()
  const refused = take(all.near)
  await pass(all.world, 5)
  assert.deepEqual([underWay.is, refused.is], ['UnknownOutcomeError', 'UnavailableError'])
  all.database.start()
  assert.equal(await taken(all), 0)
})

test('a call whose connection breaks may be done when nobody waits for it any more', async () => {
  const all = scene()
  const fate = take(all.near)
  all.database.reset()
  await pass(all.world, 5)
  assert.equal(fate.is, 'UnknownOutcomeError')
  assert.equal(await taken(all), 1)
})

test('what a process has sent is done after its death; a process that stands still is told later', async () => {
  const all = scene()
  take(all.near)
  all.near.life.die()
  await pass(all.world, 5)
  all.other.life.pause()
  const held = take(all.other)
  await pass(all.world, 1_000)
  assert.equal(held.is, 'waits')
  all.other.life.resume()
  await pass(all.world, 5)
  assert.equal(held.is, 1)
})

/** Holds a lock by `near` and watches it by `other`. */
async function watched({ world, near, other }: Scene): Promise<{ is: unknown }> {
  const sessions = [near, other].map(({ database }) => database.openSession())
  await pass(world, 5)
  const [own, watching] = await Promise.all(sessions)
  const held = own!.hold(1)
  await pass(world, 5)
  await held
  const fate = fateOf(watching!.watch(1))
  await pass(world, 5)
  assert.equal(fate.is, 'waits')
  return fate
}

test('a session ends with its process at once, and on a line that is cut when it is given up', async () => {
  const killed = scene()
  const seen = await watched(killed)
  killed.near.life.die()
  await pass(killed.world, 5)
  assert.equal(seen.is, 'ended')

  const cut = scene()
  const late = await watched(cut)
  cut.world.network.cut('near', databaseHost)
  await pass(cut.world, 4_900)
  assert.equal(late.is, 'waits')
  await pass(cut.world, 200)
  assert.equal(late.is, 'ended')
})

test('a process that stands still keeps its session; it ends with a database that restarts', async () => {
  const all = scene()
  const seen = await watched(all)
  all.near.life.pause()
  await pass(all.world, 30_000)
  assert.equal(seen.is, 'waits')
  all.database.stop()
  all.database.start()
  await pass(all.world, 5)
  assert.equal(seen.is, 'stopped')
})
