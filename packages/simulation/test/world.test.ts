import assert from 'node:assert/strict'
import { test } from 'node:test'
import { World } from '../src/world/world.js'

/** Runs a program in a world until it is over. */
async function inWorld(seed: number, program: (world: World) => Promise<void>): Promise<World> {
  const world = new World(seed)
  let isOver = false
  const done = program(world).finally(() => {
    isOver = true
  })
  await world.schedule.run(60_000, () => isOver)
  assert.ok(isOver, 'the program did not end within a minute')
  await done
  return world
}

test('a power cut leaves what was synced, and the name only if its folder was', async () => {
  for (let seed = 1; seed <= 50; seed++) {
    await inWorld(seed, async (world) => {
      const { life, runtime } = world.begin('machine')
      const { disk } = runtime
      await disk.makeFolder('/data')
      const file = await disk.open('/data/kept', 'write')
      await file.write([Buffer.from('safe')], 0)
      await file.sync()
      await disk.syncFolder('/data')
      await file.write([Buffer.from('maybe')], 4)
      await disk.open('/data/nameless', 'write')
      life.die()
      world.machine('machine').platter.cutPower(world.random)
      const next = world.begin('machine').runtime.disk
      const content = (await next.readFile('/data/kept')).toString()
      assert.match(content, /^safe(m|ma|may|mayb|maybe)?$/)
    })
  }
})

test('bytes of one connection come in order, through a cut as well; a dead process gets none', async () => {
  await inWorld(1, async (world) => {
    const server = world.begin('server')
    const client = world.begin('client')
    const received: string[] = []
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    await server.runtime.network.listen({ host: 'server', port: 1 }, (stream) => {
      const target = Buffer.alloc(3)
      stream.start({
        target: () => target,
        received: (count) => received.push(target.subarray(0, count).toString()),
        drained: () => undefined,
        closed: end,
      })
    })
    const stream = await client.runtime.network.connect({ host: 'server', port: 1 }, 1_000)
    stream.start({
      target: () => Buffer.alloc(1),
      received: () => undefined,
      drained: () => undefined,
      closed: () => undefined,
    })
    stream.write([Buffer.from('one ')])
    world.network.cut('client', 'server')
    stream.write([Buffer.from('two ')])
    stream.write([Buffer.from('three')])
    stream.end()
    world.schedule.after(500, 'heal', () => world.network.heal('client', 'server'))
    await ended
    assert.equal(received.join(''), 'one two three')
  })
})

test('a process that stands still gets everything later, one that is killed nothing', async () => {
  await inWorld(1, async (world) => {
    const told: string[] = []
    const { life, runtime } = world.begin('machine')
    runtime.clock.setTimer(10, () => told.push(`first at ${Math.floor(runtime.clock.monotonic() / 100)}00`))
    runtime.clock.setTimer(400, () => told.push('never'))
    life.pause()
    world.schedule.after(200, 'resume', () => life.resume())
    await new Promise<void>((resolve) => world.schedule.after(300, 'kill', resolve))
    life.die()
    await new Promise<void>((resolve) => world.schedule.after(300, 'wait', resolve))
    assert.deepEqual(told, ['first at 200'])
  })
})
