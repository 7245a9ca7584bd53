import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LagScene } from './lag-scene.js'

const minute = 60_000

test('rates are those of the last minutes, and tell when a group will have caught up', async () => {
  const scene = await LagScene.open()
  scene.join('m', [0])
  await scene.produce(10_000)
  scene.commit(0)
  let read = 0
  await scene.sampleFor(5 * minute, async () => {
    await scene.produce(20)
    read += 100
    scene.commit(read)
  })
  const row = await scene.row()
  assert.ok(Math.abs(row.consumedPerSecond! - 10) < 0.5, `${row.consumedPerSecond}`)
  assert.ok(Math.abs(row.producedPerSecond! - 2) < 0.2, `${row.producedPerSecond}`)
  const left = row.lag! / 8
  assert.ok(Math.abs(row.catchUpSeconds! - left) < left * 0.15, `${row.catchUpSeconds} of ${left}`)
  assert.deepEqual([row.eta, row.status, row.reason], [null, 'OK', 'catching up'])
  const sample = scene.lag.sampler.sampleOf(scene.group)
  assert.deepEqual([sample?.lag, sample?.status], [row.lag, 'OK'])
})

test('how fast records are removed is known where some are', async () => {
  const scene = await LagScene.open()
  const removedPerSecond = () => scene.lag.sampler.removedPerSecond('orders', 0)
  await scene.produce(1_000)
  scene.commit(900)
  await scene.sampleFor(minute)
  assert.equal(removedPerSecond(), null)
  let removed = 0
  await scene.sampleFor(5 * minute, async () => {
    removed += 20
    await scene.part.log.deleteRecordsBefore(removed)
  })
  assert.ok(Math.abs(removedPerSecond()! - 2) < 0.2, `${removedPerSecond()}`)
})

test('who falls behind never catches up, and is warned of', async () => {
  const scene = await LagScene.open()
  scene.join('m', [0])
  let read = 0
  await scene.sampleFor(5 * minute, async () => {
    await scene.produce(50)
    read += 10
    scene.commit(read)
  })
  const { eta, catchUpSeconds, status } = await scene.row()
  assert.deepEqual([eta, catchUpSeconds, status], ['growing', null, 'WARN'])
})

test('a group that stands is told with its reason', async () => {
  for (const [reason, join] of [
    ['no members', () => undefined],
    ['no owner', (scene: LagScene) => scene.join('m', [1])],
    ['member silent', (scene: LagScene) => scene.join('m', [0], 'uncommitted')],
  ] as const) {
    const scene = await LagScene.open()
    await scene.produce(5)
    scene.commit(1)
    join(scene)
    await scene.sampleFor(5 * minute)
    const row = await scene.row()
    assert.deepEqual([row.status, row.reason, row.eta], ['STOP', reason, 'standing'])
    assert.equal(scene.lag.sampler.sampleOf(scene.group)?.status, 'STOP')
  }
})

test('a member that fetches, and does not commit, is no silent one', async () => {
  const scene = await LagScene.open()
  await scene.produce(5)
  scene.commit(1)
  scene.join('m', [0])
  await scene.sampleFor(5 * minute, () => scene.fetch({ clientId: 'm', clientHost: '/10.0.0.1' }, 'uncommitted'))
  const row = await scene.row()
  assert.deepEqual([row.status, row.reason], ['STOP', 'no commits'])
})

test('a quiet topic is OK all day, one record an hour that is read at once', async () => {
  const scene = await LagScene.open()
  scene.join('m', [0])
  scene.commit(0)
  let count = 0
  await scene.sampleFor(24 * 60 * minute, async (ms) => {
    if (ms % (60 * minute) === 0) {
      await scene.produce()
      count++
    } else if (ms % (60 * minute) === 10_000) scene.commit(count)
    const sample = scene.lag.sampler.sampleOf(scene.group)
    if (sample) assert.equal(sample.status, 'OK')
  })
})

test('records that retention takes before they are read are counted once', async () => {
  const scene = await LagScene.open()
  await scene.produce(3)
  await scene.produce(4)
  scene.commit(1)
  await scene.sampleFor(20_000)
  assert.equal(scene.lag.sampler.sampleOf(scene.group)?.lost, 0)
  await scene.part.log.deleteRecordsBefore(3)
  await scene.sampleFor(20_000)
  assert.equal(scene.lag.sampler.sampleOf(scene.group)?.lost, 2)
  await scene.part.log.deleteRecordsBefore(5)
  await scene.sampleFor(20_000)
  assert.equal(scene.lag.sampler.sampleOf(scene.group)?.lost, 4)
})

test('offsets that were deleted and committed again begin anew', async () => {
  const scene = await LagScene.open()
  await scene.produce(5)
  scene.commit(4)
  scene.join('m', [0])
  await scene.sampleFor(60_000)
  scene.group.offsets.delete('orders', 0)
  await scene.sampleFor(20_000)
  scene.commit(1)
  await scene.sampleFor(20_000)
  assert.equal((await scene.row()).status, 'OK')
})

test('a look at stored batches is made once for a place, and remembered', async () => {
  const scene = await LagScene.open()
  await scene.produceOpen()
  await scene.end('COMMIT')
  await scene.produce()
  scene.commit(0)
  const { log } = scene.part
  let looks = 0
  const look = log.lookForWaiting.bind(log)
  log.lookForWaiting = (place) => {
    looks++
    return look(place)
  }
  await scene.sampleFor(5 * minute)
  assert.equal(looks, 1)
  scene.commit(1)
  await scene.sampleFor(minute)
  assert.equal(looks, 2)
})
