import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Producer } from '@rivven/client'
import { nodeRuntime } from '@rivven/runtime'
import { startRivven } from '@rivven/testing'

/** Some containers have no IPv6. */
async function hasIpv6(): Promise<boolean> {
  try {
    const listener = await nodeRuntime().network.listen({ host: '::1', port: 0 }, (stream) => stream.destroy())
    await listener.close()
    return true
  } catch {
    return false
  }
}

test('a broker on IPv6 gives an address that clients take, tells it to them, and starts again on it', async (context) => {
  if (!(await hasIpv6())) return context.skip('no IPv6 here')
  await using rivven = await startRivven({ config: { listen: '[::1]:0', http: '[::1]:0' } })
  const { bootstrapServers, url } = rivven
  assert.equal(bootstrapServers, `[::1]:${rivven.port}`)
  const health = await fetch(`${url}/health/live`)
  assert.equal(health.status, 200)
  const producer = new Producer({ bootstrapServers })
  await producer.send({ topic: 'orders', value: 'before' })
  await rivven.restart('kill')
  assert.equal(rivven.bootstrapServers, bootstrapServers)
  const { offset } = await producer.send({ topic: 'orders', value: 'after' })
  assert.equal(offset, 1)
  await producer.close()
  const admin = new Admin({ bootstrapServers: bootstrapServers.replace('[::1]', '[0:0:0:0:0:0:0:1]') })
  const { brokers } = await admin.describeCluster()
  assert.deepEqual(
    brokers.map(({ host, port }) => ({ host, port })),
    [{ host: '::1', port: rivven.port }],
  )
  await admin.close()
})
