import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RivvenError } from '@rivven/link'
import { Metadata } from '@rivven/protocol'
import { TestClock } from '../../coordinator/test-clock.js'
import { nodeOf } from '../image-fixture.js'
import { OtherBroker } from './other-broker.js'
import { peersOf } from './peers-fixture.js'

const all = { topics: null }

function codeOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof RivvenError ? error.code : String(error)),
  )
}

test('a peer is asked over one connection a channel, which is opened when it is needed', async (t) => {
  const other = await OtherBroker.start(t)
  assert.equal(other.broker.connectionCount, 0)
  const questions = Array.from({ length: 5 }, () => other.peers.ask(2, 'questions', Metadata, all))
  for (const { brokers } of await Promise.all(questions)) assert.deepEqual([brokers[0]?.nodeId], [2])
  assert.equal(other.broker.connectionCount, 1)
  await other.peers.ask(2, 'markers', Metadata, all)
  assert.equal(other.broker.connectionCount, 2)
})

test('who is not in the image, or not at the listener of brokers, is not asked', async (t) => {
  const other = await OtherBroker.start(t)
  assert.equal(await codeOf(other.peers.ask(3, 'questions', Metadata, all)), 'BROKER_NOT_AVAILABLE')
  other.cluster.show({ brokers: [nodeOf(2, { addresses: new Map([['CLIENTS', other.broker.address]]) })] })
  assert.equal(await codeOf(other.peers.ask(2, 'questions', Metadata, all)), 'BROKER_NOT_AVAILABLE')
})

test('the connections to a peer that leaves are closed, with what waits on them', async (t) => {
  const other = await OtherBroker.start(t)
  await other.peers.ask(2, 'questions', Metadata, all)
  const waiting = codeOf(other.peers.ask(2, 'questions', Metadata, all))
  other.cluster.show({ brokers: [nodeOf(1)] })
  assert.equal(await waiting, 'BROKER_NOT_AVAILABLE')
})

test('a peer that came back is asked over another connection, though it is at the same address', async (t) => {
  const other = await OtherBroker.start(t)
  await other.peers.ask(2, 'questions', Metadata, all)
  const waiting = codeOf(other.peers.ask(2, 'questions', Metadata, all))
  other.cluster.show({ brokers: [{ ...other.node, incarnation: 2 }] })
  assert.equal(await waiting, 'BROKER_NOT_AVAILABLE')
  assert.equal(await codeOf(other.peers.ask(2, 'questions', Metadata, all)), 'answered')
})

test('a change of the image that is about others leaves the connection as it is', async (t) => {
  const other = await OtherBroker.start(t)
  await other.peers.ask(2, 'questions', Metadata, all)
  const waiting = codeOf(other.peers.ask(2, 'questions', Metadata, all))
  other.cluster.show({ brokers: [{ ...other.node, isDraining: true }, nodeOf(4)] })
  assert.equal(await waiting, 'answered')
  assert.equal(other.broker.connectionCount, 1)
})

for (const [channel, patienceMs] of [
  ['questions', 2_000],
  ['markers', 30_000],
] as const) {
  test(`an answer about ${channel} has ${patienceMs} ms`, async (t) => {
    const other = await OtherBroker.start(t)
    const clock = new TestClock()
    const peers = peersOf(other.cluster, undefined, clock)
    t.after(() => peers.close())
    await peers.ask(2, channel, Metadata, all)
    const early = codeOf(peers.ask(2, channel, Metadata, all))
    await clock.stall(patienceMs - 1)
    assert.equal(await early, 'answered')
    const late = codeOf(peers.ask(2, channel, Metadata, all))
    await clock.stall(patienceMs)
    assert.equal(await late, 'TIMED_OUT')
  })
}

test('nothing is asked any more when the broker ends', async (t) => {
  const other = await OtherBroker.start(t)
  const waiting = codeOf(other.peers.ask(2, 'questions', Metadata, all))
  other.peers.close()
  assert.equal(await waiting, 'BROKER_NOT_AVAILABLE')
  assert.equal(await codeOf(other.peers.ask(2, 'questions', Metadata, all)), 'BROKER_NOT_AVAILABLE')
})
