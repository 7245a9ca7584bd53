import assert from 'node:assert/strict'
import { test } from 'node:test'
import { implementations, register } from './implementations.js'

for (const { name, start } of implementations) {
  test(`${name}: the end of a session is seen by who watches its lock`, async () => {
    const shared = await start()
    const [one, two] = [await shared.connect(), await shared.connect()]
    const session = await one.openSession()
    await session.hold(1)
    const seen = (await two.openSession()).watch(1)
    await shared.untilWatched(1)
    await one.close()
    assert.equal(await seen, 'ended')
  })

  test(`${name}: where nobody has the lock nothing was seen`, async () => {
    const shared = await start()
    const session = await (await shared.connect()).openSession()
    assert.equal(await session.watch(1), 'free')
    assert.equal(await session.watch(1), 'free', 'it was not kept')
  })

  test(`${name}: a watch is stopped by the next one, and by the end of its own session`, async () => {
    const shared = await start()
    const [one, two] = [await shared.connect(), await shared.connect()]
    await (await one.openSession()).hold(1)
    const session = await two.openSession()
    const [first, second] = [session.watch(1), session.watch(undefined)]
    assert.equal(await first, 'stopped')
    const third = session.watch(1)
    assert.equal(await second, 'stopped')
    await session.close()
    assert.equal(await third, 'stopped')
  })

  test(`${name}: a lock that somebody has is waited for, in turn`, async () => {
    const shared = await start()
    const [one, two] = [await shared.connect(), await shared.connect()]
    const first = await one.openSession()
    await first.hold(1)
    await first.hold(1)
    let isGranted = false
    const second = await two.openSession()
    const waits = second.hold(1).then(() => {
      isGranted = true
    })
    assert.equal(await (await one.openSession()).watch(2), 'free')
    assert.equal(isGranted, false)
    await first.close()
    await waits
  })

  test(`${name}: who waits for a lock in a session that ends gets none`, async () => {
    const shared = await start()
    const [one, two] = [await shared.connect(), await shared.connect()]
    await (await one.openSession()).hold(1)
    const session = await two.openSession()
    const waits = assert.rejects(session.hold(1), { name: 'UnavailableError' })
    let ends = 0
    session.onEnd(() => ends++)
    await session.close()
    await waits
    session.onEnd(() => ends++)
    assert.equal(ends, 2)
    await assert.rejects(session.hold(1), { name: 'UnavailableError' })
  })

  test(`${name}: sessions are told of changes, by others too`, async () => {
    const shared = await start()
    const [one, two] = [await shared.connect(), await shared.connect()]
    const session = await two.openSession()
    const told = new Promise<number>((resolve) => session.onNotice(resolve))
    const { version } = await register(one, 1)
    assert.equal(await told, version)
  })

  test(`${name}: a connection that was closed does nothing more`, async () => {
    const database = await (await start()).connect()
    await database.close()
    await assert.rejects(database.metadata.changesSince(0), { name: 'UnavailableError' })
    await assert.rejects(database.openSession(), { name: 'UnavailableError' })
  })
}
