import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, test } from 'node:test'
import { hasPostgres, PostgresUnderTest } from '../database/postgres-under-test.js'
import { ended, ready, rivvendIn } from './rivvend-process.js'

const skip = !hasPostgres && 'there is no PostgreSQL'
const folder = mkdtempSync(`${tmpdir()}/rivvend-`)
after(() => rmSync(folder, { recursive: true, force: true }))

const start = (storage: string, ...words: string[]) =>
  rivvendIn(folder)('--storage', storage, '--listen', '127.0.0.1:0', '--http', 'off', ...words)

test('rivvend begins, and leaves, a cluster in a schema of a database', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const [first, second] = [start(shared.url), start(shared.url)]
  await Promise.all([ready(first), ready(second)])
  const here = () => shared.ask(`select broker_id from ${shared.schema}.broker where not gone order by broker_id`)
  assert.deepEqual(await here(), [{ broker_id: 1 }, { broker_id: 2 }])
  for (const run of [first, second]) {
    run.process.kill()
    assert.deepEqual((await ended(run)).status, 0)
  }
  assert.deepEqual(await here(), [])
})

test('rivvend says in a sentence why it cannot use a database', { skip }, async () => {
  const { url } = await PostgresUnderTest.start()
  const said = async (storage: string, ...words: string[]) => {
    const { status, said: text } = await ended(start(storage, '--set', 'log_level=silent', ...words))
    assert.equal(status, 1)
    return text
  }
  assert.match(await said('mysql://h/d'), /^storage is no URL of PostgreSQL: [^\n]*\n$/)
  assert.match(await said(url.replace(/\/\w+\?/, '/nowhere?')), /^PostgreSQL at \S+ has no database nowhere: [^\n]*\n$/)
  const nobody = 'postgres://u@127.0.0.1:1/d'
  const away = await said(nobody, '--set', 'storage_connect_timeout_ms=200')
  assert.match(
    away,
    /^The database did not answer in time \(storage_connect_timeout_ms\)\. 127\.0\.0\.1:1: [^\n]*ECONNREFUSED[^\n]*\n$/,
  )
})
