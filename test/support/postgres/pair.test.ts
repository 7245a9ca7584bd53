import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { PostgresPair } from './pair.js'

const pair = await PostgresPair.start()
const skip = typeof pair === 'string' && pair

/** At the one of both that takes writes. */
async function ask(urls: string, text: string): Promise<unknown[]> {
  for (const port of urls.match(/:\d+/g)!) {
    const client = new pg.Client(`postgres://postgres@127.0.0.1${port}/postgres`)
    await client.connect()
    try {
      const { rows } = await client.query<{ follows: boolean }>('select pg_is_in_recovery() as follows')
      if (!rows[0]!.follows) return (await client.query({ text, rowMode: 'array' })).rows.flat()
    } finally {
      await client.end()
    }
  }
  throw new Error(`none of ${urls} takes writes`)
}

test('what was committed is there after a fail-over, and one back', { skip }, async () => {
  assert.ok(typeof pair !== 'string')
  try {
    const { url } = pair
    await ask(url, 'create table kept (number int)')
    for (const number of [1, 2]) {
      await ask(url, `insert into kept values (${number})`)
      await pair.failOver()
    }
    assert.equal(pair.url, url)
    assert.deepEqual(await ask(url, 'select number from kept order by number'), [1, 2])
    await pair.crash()
    assert.deepEqual(await ask(url, 'select number from kept order by number'), [1, 2])
  } finally {
    await pair.remove()
  }
})
