import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FetchReading } from '../../src/fetch/fetch-reading.js'
import { parkFetch } from '../../src/fetch/parked-fetch.js'
import type { RequestConnection } from '../../src/request-connection.js'
import { TestClock } from '../coordinator/test-clock.js'
import { engines } from '../log/engines.js'
import { batchOf } from '../log/log-fixture.js'

const connection = { onClose: () => () => undefined } as unknown as RequestConnection
const wish = { topic: 'orders', topicId: '', partition: 0, fetchOffset: 0, maxBytes: 1_000 }
const anyEpoch = { currentLeaderEpoch: -1, lastFetchedEpoch: -1 }

for (const { name, partition } of engines)
  test(`${name}: a fetch does not wait for what has come between its reading and its wait`, async () => {
    const part = await partition()
    const clock = new TestClock()
    const targets = [{ wish: { ...wish, ...anyEpoch }, log: part.log, missing: 0 }]
    const reading = new FetchReading(targets, { maxBytes: 1_000, minBytes: 1, isolation: 'uncommitted', clock })
    await reading.readAll()
    await part.append(batchOf(['a=1']))
    assert.ok(await parkFetch(reading, { maxWaitMs: 60_000, clock, connection, onWake: () => undefined }))
    assert.equal(reading.answers[0]?.highWatermark, 1)
    await part.logs.close()
  })
