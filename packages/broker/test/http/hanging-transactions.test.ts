import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HangingTransactions } from '../../src/http/hanging-transactions.js'
import { imageOf, nodeOf } from '../cluster/image-fixture.js'
import { TestClock } from '../coordinator/test-clock.js'
import { engines } from '../log/engines.js'
import { batchOf, marker } from '../log/log-fixture.js'

const nobody: ReadonlySet<number> = new Set()
const maxTimeoutMs = 900_000

/** One partition with an open transaction of producer 7, in a cluster of so many brokers. */
async function scene(brokers: number) {
  const part = await engines[0]!.partition({})
  const write = (baseSequence: number) =>
    part.append(batchOf(['k=v'], { producerId: 7, producerEpoch: 0, baseSequence, isTransactional: true }))
  await write(0)
  const clock = new TestClock()
  const nodes = Array.from({ length: brokers }, (_, at) => nodeOf(at + 1))
  const sources = {
    transactions: { isLoaded: true },
    catalog: { topics: () => [{ name: 'orders', partitionCount: 1 }] },
    logs: { opened: () => part.log },
    cluster: { image: imageOf({ brokers: nodes }) },
    config: { transaction_max_timeout_ms: maxTimeoutMs },
    runtime: { clock },
  }
  const hanging = new HangingTransactions(sources as unknown as ConstructorParameters<typeof HangingTransactions>[0])
  return { part, write, clock, hanging }
}

test('a broker that is alone knows at once what hangs: what it does not coordinate', async () => {
  const { hanging } = await scene(1)
  assert.deepEqual([hanging.count(nobody), hanging.count(new Set([7]))], [1, 0])
})

test('among others a transaction hangs that is open for longer than any may be', async () => {
  const { clock, hanging } = await scene(3)
  assert.equal(hanging.count(nobody), 0)
  clock.pass(maxTimeoutMs + 60_000)
  assert.equal(hanging.count(nobody), 0)
  clock.pass(1)
  assert.deepEqual([hanging.count(nobody), hanging.count(new Set([7]))], [1, 0])
})

test('the next transaction of the producer is another one', async () => {
  const { part, write, clock, hanging } = await scene(3)
  hanging.count(nobody)
  await part.appendOwn(marker('COMMIT', 7))
  await write(1)
  clock.pass(maxTimeoutMs + 60_001)
  assert.equal(hanging.count(nobody), 0)
})
