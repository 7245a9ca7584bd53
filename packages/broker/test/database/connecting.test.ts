import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PostgresTarget } from '../../src/database/postgres/postgres-options.js'
import { register } from './implementations.js'
import { batch, flush, ledPartition } from './log-rows.js'
import { hasPostgres, PostgresUnderTest } from './postgres-under-test.js'

const skip = !hasPostgres && 'there is no PostgreSQL'

/** Nobody listens at the first one; the second one is the server. */
const nobody = { host: '127.0.0.1', port: 1 }

async function refusal(shared: PostgresUnderTest, target: Partial<PostgresTarget> = {}): Promise<string> {
  const database = await shared.connect({ target: { ...shared.target, ...target } })
  const error = await database.metadata.changesSince(0).then(
    () => assert.fail('It was let in.'),
    (fault: Error) => fault,
  )
  return `${error.name}: ${error.message}`
}

test('of several servers the one is used that takes writes', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const database = await shared.connect({ target: { ...shared.target, hosts: [nobody, ...shared.target.hosts] } })
  assert.equal((await database.metadata.changesSince(0)).version, 1)
})

test('a database that is not there is waited for', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  assert.match(await refusal(shared, { hosts: [nobody] }), /^UnavailableError: 127\.0\.0\.1:1: .*ECONNREFUSED/)
})

test('a standby is waited for: it may be promoted', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  await shared.replace('pg_is_in_recovery() returns bool', 'select true')
  assert.match(await refusal(shared), /^UnavailableError: .* is a standby: it takes no writes\./)
})

test('what waiting does not help with is said at once, and what can be done', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const tls = { checks: 'name', ca: undefined, cert: undefined, key: undefined } as const
  const cases: readonly (readonly [Partial<PostgresTarget>, RegExp])[] = [
    [{ database: 'nowhere' }, /has no database nowhere: make it, or give the name of another one/],
    [{ user: 'nobody_here' }, /does not let nobody_here in: .*role "nobody_here" does not exist/],
    [{ tls }, /takes no encrypted connections: switch TLS on there/],
  ]
  for (const [target, sentence] of cases) {
    const said = await refusal(shared, target)
    assert.match(said, /^UnusableDatabaseError: PostgreSQL at 127\.0\.0\.1:/)
    assert.match(said, sentence)
  }
})

test('a server that is too old is refused', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const version =
    "case $1 when 'server_version_num' then '130021' when 'server_version' then '13.21' else pg_catalog.current_setting($1) end"
  await shared.replace('current_setting(text) returns text', `select ${version}`)
  assert.match(await refusal(shared), /^UnusableDatabaseError: .* is PostgreSQL 13\.21: Rivven needs 14 or later/)
})

test('a schema of a newer release is used where that release says so, else refused', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  await (await shared.connect()).metadata.changesSince(0)
  await shared.ask(`update ${shared.schema}.cluster set schema_version = 9`)
  await (await shared.connect()).metadata.changesSince(0)
  await shared.ask(`update ${shared.schema}.cluster set min_reader = 9`)
  assert.match(
    await refusal(shared),
    /^UnusableDatabaseError: The schema .* is of a newer release .*\(version 9, .*upgrade this broker/,
  )
})

test('a schema that is gone, or is that of another cluster, is not taken for the one that was there', {
  skip,
}, async () => {
  const shared = await PostgresUnderTest.start()
  const database = await shared.connect()
  await database.metadata.changesSince(0)
  const asked = () => database.metadata.changesSince(0).catch((error: Error) => `${error.name}: ${error.message}`)
  await shared.ask(`update ${shared.schema}.cluster set cluster_id = 'another'`)
  await shared.cut('')
  assert.match(String(await untilSaid(asked, /another/)), /^UnavailableError: .* holds another cluster \(another\)/)
  await shared.ask(`drop table ${shared.schema}.cluster`)
  assert.match(String(await untilSaid(asked, /gone/)), /^UnavailableError: .* is gone/)
})

test('a database whose disk is full is told of, and takes records when there is room again', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const database = await shared.connect()
  const { term, chunk } = await ledPartition(database)
  await shared.fill(chunk)
  const sent = flush(term, chunk, [batch(1, 0)], true)
  await assert.rejects(database.logs.append(sent), { name: 'UnavailableError', message: /No space left on device/ })
  assert.match(shared.warnings.join('\n'), /The database cannot be used, and is tried again: .*No space left on device/)
  await shared.makeRoom(chunk)
  assert.deepEqual(await database.logs.append(sent), new Set([term.partId]))
})

test('a connection to a server that was replaced, and lives on, is given up', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const database = await shared.connect()
  await register(database, 1)
  await database.logs.sweep()
  await shared.switchTimeline()
  await shared.cut('call')
  await untilSaid(async () => register(database, 1).then(() => 'registered', String), /registered/)
  await assert.rejects(database.logs.sweep(), { name: 'UnavailableError', message: /register there first/ })
  await database.logs.sweep()
})

test('a session ends with the connection that watches a neighbour for it, so that nobody goes unwatched', {
  skip,
}, async () => {
  const shared = await PostgresUnderTest.start()
  const [one, two] = [await shared.connect(), await shared.connect()]
  await (await one.openSession()).hold(1)
  const session = await two.openSession()
  const ended = new Promise<void>((resolve) => session.onEnd(resolve))
  const watching = assert.rejects(session.watch(1), { name: 'UnknownOutcomeError' })
  await shared.untilWatched(1)
  await shared.cut('watch')
  await Promise.all([ended, watching])
})

test('settings of a server that make less of a promise are told', { skip }, async () => {
  const shared = await PostgresUnderTest.start()
  const off = "case when $1 in ('fsync', 'full_page_writes') then 'off' else pg_catalog.current_setting($1) end"
  await shared.replace('current_setting(text) returns text', `select ${off}`)
  await (await shared.connect()).metadata.changesSince(0)
  assert.match(shared.warnings.join('\n'), /fsync is off .*can be lost/)
  assert.match(shared.warnings.join('\n'), /full_page_writes is off/)
})

/** A connection that broke is noticed by who uses it next. */
async function untilSaid(ask: () => Promise<unknown>, word: RegExp): Promise<unknown> {
  for (;;) {
    const said = await ask()
    if (word.test(String(said))) return said
  }
}
