import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engines } from './engines.js'
import { batchOf } from './log-fixture.js'

const BASE = 1_700_000_000_000
/** Out of order, and one without time: [timestamp above BASE or undefined]. */
const times = [10, 20, 15, 40, undefined, 30, 40, 60, 5, 50]

for (const engine of engines) {
  test(`${engine.name}: a time is looked up as the lowest offset that is not older`, async () => {
    const part = await engine.partition({ segmentBytes: 200 })
    for (const time of times) await part.append(batchOf(['k=v'], {}, time === undefined ? -1 : BASE + time))
    for (let asked = 0; asked <= 61; asked++) {
      const offset = times.findIndex((time) => time !== undefined && time >= asked)
      const found = await part.log.offsetForTimestamp(BASE + asked)
      assert.equal(found?.offset ?? -1, offset, `time ${asked}`)
      if (found) assert.equal(found.timestamp, BASE + times[offset]!)
    }
    await part.logs.close()
  })

  test(`${engine.name}: nothing below the log start is found`, async () => {
    const part = await engine.partition()
    for (const time of times) await part.append(batchOf(['k=v'], {}, time === undefined ? -1 : BASE + time))
    await part.log.deleteRecordsBefore(4)
    assert.equal((await part.log.offsetForTimestamp(BASE))?.offset, 5)
    assert.equal((await part.log.offsetForTimestamp(BASE + 35))?.offset, 6)
    await part.logs.close()
  })

  test(`${engine.name}: the largest timestamp is found at its first record, also after a restart`, async () => {
    const part = await engine.partition({ segmentBytes: 200 })
    assert.equal(await part.log.offsetOfMaxTimestamp(), undefined)
    for (const time of times) await part.append(batchOf(['k=v'], {}, time === undefined ? -1 : BASE + time))
    const expected = { offset: 7, timestamp: BASE + 60, leaderEpoch: 0 }
    assert.deepEqual(await part.log.offsetOfMaxTimestamp(), expected)
    await part.restart()
    assert.deepEqual(await part.log.offsetOfMaxTimestamp(), expected)
    assert.equal((await part.log.offsetForTimestamp(BASE + 35))?.offset, 3)
    await part.logs.close()
  })
}
