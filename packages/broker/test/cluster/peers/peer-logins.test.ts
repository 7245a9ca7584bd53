import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Secret } from '@rivven/config'
import { RivvenError } from '@rivven/link'
import { ErrorCode, Metadata, WriteTxnMarkers } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import type { PeerAccess } from '../../../src/cluster/peers/peers.js'
import { PeerQuestions } from '../../../src/coordinator/transactions/peer-questions.js'
import { setPassword } from '../../../src/security/users/new-password.js'
import { OtherBroker } from './other-broker.js'

const listener = 'PEERS'
const guarded = {
  listeners: `CLIENTS://127.0.0.1:0,${listener}://127.0.0.1:0`,
  listener_security_protocol_map: `CLIENTS:SASL_PLAINTEXT,${listener}:SASL_PLAINTEXT`,
  super_users: 'User:broker',
}

/** Broker 2, where brokers log in; broker 1 does so as `username`. */
async function askedAs(t: TestContext, username: string): Promise<OtherBroker> {
  const password = `${username}-secret`
  const sasl = { mechanism: 'scram-sha-512', username, password } as const
  const other = await OtherBroker.start(t, guarded, { listener, sasl })
  const { users } = other.broker.security
  await setPassword(users, { name: username, password: new Secret(password) }, nodeRuntime())
  return other
}

const producer = { producerId: 7, producerEpoch: 0 }

test('a broker logs in at others, and may do what brokers do', async (t) => {
  const other = await askedAs(t, 'broker')
  await other.createTopic('orders')
  const topics = [{ name: 'orders', partitionIndexes: [0] }]
  const markers = [{ ...producer, transactionResult: true, coordinatorEpoch: 0, topics }]
  const answer = await other.peers.ask(2, 'markers', WriteTxnMarkers, { markers })
  assert.equal(answer.markers[0]?.topics[0]?.partitions[0]?.errorCode, ErrorCode.NONE)
})

test('what a broker may not do there is nothing that its producers are told of: they come again', async (t) => {
  const other = await askedAs(t, 'somebody')
  const question = { ...producer, transactionalId: 'a', topic: 'orders', partition: 0, verifyOnly: false }
  assert.equal(await new PeerQuestions(other.peers).ask(2, question), ErrorCode.NETWORK_EXCEPTION)
})

test('a broker without a user for others says what to set, and asks nobody', async (t) => {
  const access: PeerAccess = { listener, fault: 'Set inter_broker_username.' }
  const other = await OtherBroker.start(t, guarded, access)
  const failure = await other.peers.ask(2, 'questions', Metadata, {}).catch((error: unknown) => error)
  assert.ok(failure instanceof RivvenError)
  assert.deepEqual([failure.code, failure.message], ['AUTHENTICATION_FAILED', 'Set inter_broker_username.'])
  assert.equal(other.broker.connectionCount, 0)
})
