import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { startRivven } from '@rivven/testing'

/** Far above what a child takes, and far below what would keep it for good. */
const limit = { timeout: 120_000 }

/** Runs a program with clients of its own; how it ended, and what it said. A hang ends the test by its limit. */
async function run(code: string, signal: AbortSignal) {
  const imports = `
    import { Admin, Consumer, Producer } from '@rivven/client'
    import { startRivven } from '@rivven/testing'`
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${imports}\n${code}`], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => said.push(String(data)))
  const [status] = await once(child, 'close')
  return { status, said: said.join('').trim().split('\n') }
}

const openAll = (bootstrapServers: string) => `
    const options = { bootstrapServers: ${bootstrapServers}, logger: { warn: () => undefined } }
    const producer = new Producer(options)
    await producer.send({ topic: 'open', value: 'x' })
    const admin = new Admin(options)
    await admin.listTopics()
    const consumer = new Consumer({ ...options, groupId: 'open', autoOffsetReset: 'earliest' })
    await consumer.subscribe('open')
    while ((await consumer.poll(5000)).length === 0);`

test('clients that were left open do not keep their process', limit, async ({ signal }) => {
  await using rivven = await startRivven()
  const ran = await run(`${openAll(`'${rivven.bootstrapServers}'`)}\nconsole.log('end')`, signal)
  assert.deepEqual(ran, { status: 0, said: ['end'] })
})

test(
  'a broker of startRivven does not keep its process either, nor clients after it has gone',
  limit,
  async ({ signal }) => {
    for (const end of ['', 'await rivven.close()', "await rivven.restart('kill')"]) {
      const code = `const rivven = await startRivven({ http: true })
    ${openAll('rivven.bootstrapServers')}
    await (await fetch(rivven.url + '/health/live')).text()
    ${end}
    console.log('end')`
      assert.deepEqual(await run(code, signal), { status: 0, said: ['end'] }, end)
    }
  },
)

test('records in hand and calls under way keep it until they have ended', limit, async ({ signal }) => {
  await using rivven = await startRivven()
  const code = `
    const options = { bootstrapServers: '${rivven.bootstrapServers}' }
    const producer = new Producer({ ...options, lingerMs: 300 })
    await producer.send({ topic: 'held', value: 'first' })
    producer.send({ topic: 'held', value: 'x' }).then(({ offset }) => console.log('offset', offset))
    const transactional = new Producer({ ...options, transactionalId: 'held' })
    transactional.transaction((transaction) => transaction.send({ topic: 'other', value: 'x' })).then(() => console.log('committed'))
    new Admin(options).createTopics([{ name: 'made' }]).then(() => console.log('made'))`
  const { status, said } = await run(code, signal)
  assert.deepEqual({ status, said: said.sort() }, { status: 0, said: ['committed', 'made', 'offset 1'] })
})

test('so do calls that wait for a broker which is not there', limit, async ({ signal }) => {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  await rivven.close()
  const code = `
    const options = { bootstrapServers: '${bootstrapServers}', unreachableTimeoutMs: 500, logger: { warn: () => undefined } }
    const told = (what) => ({ code }) => console.log(what, code)
    new Producer(options).send({ topic: 't', value: 'x' }).catch(told('send'))
    new Producer({ ...options, transactionalId: 'a', maxBlockMs: 500 }).beginTransaction().catch(told('begin'))
    new Admin(options).describeCluster().catch(told('admin'))`
  const { status, said } = await run(code, signal)
  assert.equal(status, 0)
  assert.deepEqual(
    said.sort(),
    ['admin', 'begin', 'send'].map((what) => `${what} NO_BROKER_REACHABLE`),
  )
})
