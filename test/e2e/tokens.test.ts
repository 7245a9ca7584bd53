import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Consumer, Producer, RivvenError } from '@rivven/client'
import { allow, group, type Rivven, startRivven, type TokenOptions, topic } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { rivvenctl } from './rivvenctl.js'

const acls = [allow('alice', 'all', topic('orders')), allow('alice', 'read', group('readers'))]
const quiet = { logger: { warn: () => undefined } }
const member = {
  heartbeatIntervalMs: 100,
  sessionTimeoutMs: 6_000,
  autoOffsetReset: 'earliest',
  groupId: 'readers',
} as const

const start = () => startRivven({ security: { mechanisms: ['oauthbearer'], acls }, config: { num_partitions: 2 } })

/** Options of a client whose tokens are made as they are asked for. */
function bearing(rivven: Rivven, options: () => TokenOptions) {
  const asked = { times: 0 }
  const token = async () => {
    asked.times++
    return { value: rivven.security.tokenFor('alice', options()) }
  }
  const { bootstrapServers } = rivven
  return { asked, login: { bootstrapServers, sasl: { mechanism: 'oauthbearer', token }, ...quiet } as const }
}

const lifetimeMs = 2_000

test('tokens are renewed under a producer and the members of a group, who stay in one generation and lose nothing', async () => {
  await using rivven = await start()
  const clients = Array.from({ length: 3 }, () => bearing(rivven, () => ({ lifetimeMs })))
  const [producer, ...consumers] = [
    new Producer(clients[0]!.login),
    ...clients.slice(1).map(({ login }) => new Consumer({ ...login, ...member })),
  ] as [Producer, ...Consumer[]]
  const sent: string[] = []
  const read: string[] = []
  const generations = new Set<string>()
  const turn = async (): Promise<void> => {
    const polled = await Promise.all(consumers.map((consumer) => consumer.poll(50)))
    read.push(...polled.flat().map(({ value }) => String(value)))
  }
  await Promise.all(consumers.map((consumer) => consumer.subscribe('orders')))
  await eventually(async () => {
    await turn()
    assert.deepEqual(
      consumers.map((consumer) => consumer.assignment().length),
      [1, 1],
    )
  })
  const end = performance.now() + 3 * lifetimeMs
  while (performance.now() < end || read.length < sent.length) {
    if (performance.now() < end) {
      sent.push(String(sent.length))
      await producer.send({ topic: 'orders', key: String(sent.length), value: sent.at(-1)! })
    }
    await turn()
    generations.add(consumers.map((consumer) => `${consumer.health().memberId} ${consumer.health().generation}`).join())
  }
  assert.deepEqual(read.sort(byNumber), sent)
  assert.equal(generations.size, 1)
  // One for all connections of a client, and another for each life.
  for (const { asked } of clients) assert.ok(asked.times >= 3 && asked.times <= 6, `asked ${asked.times} times`)
  for (const client of [producer, ...consumers]) await client.close()
})

test('a member whose tokens are not taken any more is told why by poll, and goes on with the first that is', async () => {
  await using rivven = await start()
  let claims = {}
  const { login } = bearing(rivven, () => ({ lifetimeMs: 1_200, claims }))
  const producer = new Producer(rivven.clientOptions('alice', { mechanism: 'oauthbearer' }))
  const consumer = new Consumer({ ...login, ...member })
  await consumer.subscribe('orders')
  await producer.send({ topic: 'orders', value: 'one' })
  await eventually(async () => assert.equal((await consumer.poll(500)).length, 1))
  claims = { aud: 'somebody else' }
  await eventually(() =>
    assert.rejects(consumer.poll(100), (error) => {
      assert.ok(error instanceof RivvenError)
      assert.equal(error.code, 'AUTHENTICATION_FAILED')
      assert.match(error.message, /the token is for somebody else \(aud\)/)
      assert.match(error.hint ?? '', /claims of the token/)
      return true
    }),
  )
  claims = {}
  await producer.send({ topic: 'orders', value: 'two' })
  await eventually(async () => {
    const records = await consumer.poll(200).catch(() => [])
    assert.deepEqual(
      records.map(({ value }) => String(value)),
      ['two'],
    )
  })
  await consumer.close()
  await producer.close()
})

test('rivvenctl logs in with a token from a file', async () => {
  await using rivven = await start()
  const folder = await mkdtemp(join(tmpdir(), 'rivven-token-'))
  const file = join(folder, 'token')
  const flags = [
    '-b',
    rivven.bootstrapServers,
    '--security-protocol',
    'sasl_plaintext',
    '--sasl-mechanism',
    'oauthbearer',
  ]
  const listed = () => rivvenctl(['topic', 'list', ...flags, '--sasl-token-file', file])
  try {
    await writeFile(file, `${rivven.security.tokenFor('alice')}\n`)
    const { status, words } = await listed()
    assert.deepEqual([status, words], [0, ''])
    await writeFile(file, rivven.security.tokenFor('alice', { claims: { iss: 'somebody else' } }))
    const refused = await listed()
    assert.equal(refused.status, 1)
    assert.match(refused.words, /refused the login with OAUTHBEARER.*handed out by somebody else \(iss\)/)
    await writeFile(file, rivven.security.tokenFor('alice', { lifetimeMs: -60_000 }))
    const over = await listed()
    assert.equal(over.status, 1)
    assert.match(over.words, /No token to log in with could be had: .*over/)
    const missing = await rivvenctl(['topic', 'list', ...flags])
    assert.deepEqual([missing.status, /set sasl_token_file/.test(missing.words)], [2, true])
  } finally {
    await rm(folder, { recursive: true })
  }
})

const byNumber = (a: string, b: string) => Number(a) - Number(b)
