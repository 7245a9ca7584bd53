import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Consumer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

/** A consumer that has joined a group, and how many pushes its broker has taken. */
async function scene({ isAsked = true, enableMetricsPush = true } = {}) {
  const rivven = await startRivven({ http: true, config: { client_telemetry_enable: isAsked } })
  const { bootstrapServers, url } = rivven
  const consumer = new Consumer({ bootstrapServers, groupId: 'workers', enableMetricsPush })
  await consumer.subscribe('orders')
  await eventually(async () => {
    await consumer.poll(10)
    assert.equal(consumer.state, 'stable')
  })
  return {
    consumer,
    asked: () => consumer.metrics().requests.find(({ api }) => api === 'GetTelemetrySubscriptions')?.answered ?? 0,
    pushes: async () => {
      const page = await (await fetch(`${url}/metrics`)).text()
      return Number(/^rivven_client_pushes_total (\d+)$/m.exec(page)?.[1])
    },
    [Symbol.asyncDispose]: () => rivven.close(),
  }
}

test('a consumer asks once what its broker wants to know, and tells it when it closes', async () => {
  await using told = await scene()
  await eventually(async () => assert.equal(told.asked(), 1))
  assert.equal(await told.pushes(), 0)
  await told.consumer.close()
  assert.equal(await told.pushes(), 1)
})

for (const [where, options] of [
  ['the application does not want it', { enableMetricsPush: false }],
  ['the broker does not ask', { isAsked: false }],
] as const) {
  test(`nothing is asked or told where ${where}`, async () => {
    await using told = await scene(options)
    await told.consumer.close()
    assert.equal(told.asked(), 0)
    assert.equal(await told.pushes(), 0)
  })
}
