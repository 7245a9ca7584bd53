import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.js'
import { clusterUnderTest } from './cluster-under-test.js'

const worker = join(import.meta.dirname, '../../../examples/order-processors/worker.mjs')

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`the example leaves its group on ${signal} and ends with status 0, so that nobody waits for it`, async () => {
    await using cluster = await clusterUnderTest()
    await cluster.admin.createTopics([{ name: 'orders', partitions: 1, replicationFactor: 1 }])
    await cluster.producer.send({ topic: 'orders', value: '{"order":"o-1"}' })
    const child = spawn(process.execPath, [worker, 'w', cluster.bootstrapServers], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exit = once(child, 'exit')
    const told: string[] = []
    child.stdout.on('data', (data) => told.push(String(data)))
    await eventually(() => assert.match(told.join(''), /"kind":"handled"/))
    child.kill(signal)
    assert.deepEqual(await exit, [0, null])
    const [group] = await cluster.admin.describeGroups(['order-processors'])
    assert.deepEqual([group!.state, group!.members.length], ['Empty', 0])
    const [offset] = await cluster.admin.listGroupOffsets('order-processors')
    assert.equal(offset!.offset, 1)
  })
}
