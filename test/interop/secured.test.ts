import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Consumer, type Message, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import {
  allow,
  type ClientOptions,
  group,
  type Mechanism,
  startRivven,
  type TokenClientOptions,
  topic,
} from '@rivven/testing'
import kafkajs from 'kafkajs'
import { eventually } from '../support/eventually.js'
import { passwordOf, wrongPassword } from '../support/passwords.js'

const { Kafka, logLevel } = kafkajs
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const values = ['one', 'two', 'three']

/** A client writes and reads as a user who may do just that; with the wrong password, and with other topics, it may not. */
interface Client {
  send(options: Options, topic: string): Promise<void>
  read(options: Options): Promise<string[]>
}

type Options = ClientOptions | TokenClientOptions

const withKafkajs: Client = {
  async send(options, topic) {
    const producer = kafkaOf(options).producer({ retry: { retries: 0 } })
    try {
      await producer.connect()
      await producer.send({ topic, messages: values.map((value) => ({ value })) })
    } finally {
      await producer.disconnect()
    }
  },
  async read(options) {
    const consumer = kafkaOf(options).consumer({ groupId: 'readers', maxWaitTimeInMs: 200 })
    const seen: string[] = []
    await consumer.connect()
    await consumer.subscribe({ topic: 'orders', fromBeginning: true })
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(String(message.value)) })
    await eventually(() => assert.equal(seen.length, values.length))
    await consumer.disconnect()
    return seen
  },
}

function kafkaOf({ bootstrapServers, ssl, sasl: login }: Options) {
  const retry = { initialRetryTime: 50, retries: 0 }
  // It keeps what it has made of the password in the object that it is given.
  const sasl = 'token' in login! ? { mechanism: login.mechanism, oauthBearerProvider: login.token } : { ...login! }
  return new Kafka({ brokers: [bootstrapServers], ssl, sasl, logLevel: logLevel.NOTHING, retry })
}

const withPlatformatic: Client = {
  async send(options, topic) {
    const producer = new Producer({ ...baseOf(options), serializers: stringSerializers, autocreateTopics: true })
    try {
      await producer.send({ messages: values.map((value) => ({ topic, value })) })
    } finally {
      await producer.close()
    }
  },
  async read(options) {
    const consumer = new Consumer({ ...baseOf(options), groupId: 'readers', deserializers: stringDeserializers })
    const stream = await consumer.consume({ topics: ['orders'], mode: 'earliest', maxWaitTime: 200 })
    const seen: string[] = []
    stream.on('data', (message: Message<string, string, string, string>) => seen.push(message.value))
    await eventually(() => assert.equal(seen.length, values.length))
    await stream.close()
    await consumer.close(true)
    return seen
  },
}

function baseOf({ bootstrapServers, ssl, sasl }: Options) {
  const mechanism = sasl!.mechanism.toUpperCase() as Uppercase<Mechanism>
  return {
    clientId: 'interop',
    bootstrapBrokers: [bootstrapServers],
    tls: ssl,
    sasl: 'token' in sasl! ? { mechanism, token: async () => (await sasl.token()).value } : { ...sasl!, mechanism },
    retries: 0,
  }
}

for (const [name, client] of Object.entries({ kafkajs: withKafkajs, '@platformatic/kafka': withPlatformatic })) {
  for (const mechanism of mechanisms) {
    test(`${name} logs in over TLS with ${mechanism}, and does what its user may do`, async () => {
      const acls = [
        allow('alice', ['read', 'write', 'create'], topic('orders')),
        allow('alice', 'read', group('readers')),
      ]
      const security = { users: { alice: passwordOf('alice') }, acls, tls: true, mechanisms }
      await using rivven = await startRivven({ security })
      const alice = rivven.clientOptions('alice', { mechanism })
      await client.send(alice, 'orders')
      assert.deepEqual(new Set(await client.read(alice)), new Set(values))
      await assert.rejects(client.send(alice, 'payments'), saying(/authoriz/i))
      const wrong = { ...alice, sasl: { ...alice.sasl!, password: wrongPassword } }
      await assert.rejects(client.send(wrong, 'orders'), saying(/authentication/i))
    })
  }
}

for (const [name, client] of Object.entries({ kafkajs: withKafkajs, '@platformatic/kafka': withPlatformatic })) {
  test(`${name} logs in with a token, and does what its subject may do`, async () => {
    const acls = [
      allow('alice', ['read', 'write', 'create'], topic('orders')),
      allow('alice', 'read', group('readers')),
    ]
    await using rivven = await startRivven({ security: { acls, tls: true, mechanisms: ['oauthbearer'] } })
    const alice = rivven.clientOptions('alice', { mechanism: 'oauthbearer' })
    await client.send(alice, 'orders')
    assert.deepEqual(new Set(await client.read(alice)), new Set(values))
    await assert.rejects(client.send(alice, 'payments'), saying(/authoriz/i))
    const bad = rivven.security.tokenFor('alice', { claims: { aud: 'somebody else' } })
    const wrong: TokenClientOptions = { ...alice, sasl: { ...alice.sasl, token: async () => ({ value: bad }) } }
    // Neither reads the status by which a token is refused: they go on as if they had come in, which is out of place.
    await assert.rejects(client.send(wrong, 'orders'), saying(/SASL state/i))
  })
}

/** Somewhere in the error, or in what caused it. */
function saying(text: RegExp) {
  return (error: unknown): boolean => {
    assert.match(wordsOf(error), text)
    return true
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const inside = [error.cause, ...('errors' in error && Array.isArray(error.errors) ? error.errors : [])]
  return [error.message, ...inside.map(wordsOf)].join(' ')
}
