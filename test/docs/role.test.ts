import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { brokerProcess } from '../support/broker-process.js'
import { PostgresServer } from '../support/postgres/server.js'
import { allPages } from './pages.js'

const server = await PostgresServer.start({ fsync: 'off' })
const skip = typeof server === 'string' && server

/** As psql does: after `\c NAME` in that database. */
async function play(code: string, databaseUrl: (name: string) => string): Promise<void> {
  let client = new pg.Client(databaseUrl('postgres'))
  await client.connect()
  for (const line of code.split('\n')) {
    const [, name] = /^\\c (\w+)$/.exec(line) ?? []
    if (name === undefined) {
      await client.query(line)
      continue
    }
    await client.end()
    client = new pg.Client(databaseUrl(name))
    await client.connect()
  }
  await client.end()
}

test('a broker starts as the role that docs/cluster.md makes', { skip }, async () => {
  assert.ok(typeof server !== 'string')
  try {
    const [block, ...others] = (await allPages()).flatMap(({ blocks }) =>
      blocks.filter(({ language }) => language === 'sql'),
    )
    assert.deepEqual(others, [])
    await play(block!.code, (name) => `postgres://postgres@127.0.0.1:${server.port}/${name}`)
    const storage = `postgres://rivven@127.0.0.1:${server.port}/rivven`
    await using broker = await brokerProcess({}, { args: ['--storage', storage] })
    assert.match(broker.bootstrapServers, /^127\.0\.0\.1:\d+$/)
  } finally {
    await server.remove()
  }
})
