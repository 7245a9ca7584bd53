import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Admin, Producer } from '@rivven/client'
import { type RivvenOptions, RivvenTestingError, startRivven } from '@rivven/testing'

async function valuesOf(bootstrapServers: string): Promise<number> {
  const admin = new Admin({ bootstrapServers })
  const [end] = await admin.listOffsets([{ topic: 'kept', partition: 0, timestamp: 'latest' }])
  await admin.close()
  return end!.offset
}

async function sendOne(bootstrapServers: string): Promise<void> {
  const producer = new Producer({ bootstrapServers })
  await producer.send({ topic: 'kept', value: 'x' })
  await producer.close()
}

for (const how of ['stop', 'kill'] as const) {
  test(`restart('${how}') brings back what was acknowledged, from memory and from a folder, on the same port`, async (context) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rivven-restart-'))
    context.after(() => rmSync(dataDir, { recursive: true }))
    for (const options of [{}, { dataDir }]) {
      await using rivven = await startRivven(options)
      const { bootstrapServers } = rivven
      await sendOne(bootstrapServers)
      await rivven.restart(how)
      assert.equal(rivven.bootstrapServers, bootstrapServers)
      assert.equal(await valuesOf(bootstrapServers), 1)
    }
  })
}

test('a folder is found again by the next startRivven, and belongs to one at a time', async (context) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rivven-folder-'))
  context.after(() => rmSync(dataDir, { recursive: true }))
  const first = await startRivven({ dataDir })
  await sendOne(first.bootstrapServers)
  await assert.rejects(
    startRivven({ dataDir }),
    ours('START_FAILED', /in use by process \d+.* another folder with dataDir/),
  )
  await first.close()
  await using second = await startRivven({ dataDir })
  assert.equal(await valuesOf(second.bootstrapServers), 1)
})

test('options, keys of the broker and arguments that make no sense are refused, each with what to write', async () => {
  const start = (options: unknown) => startRivven(options as RivvenOptions)
  await assert.rejects(start({ port: 9092 }), ours('INVALID_ARGUMENT', /port.*listen/))
  await assert.rejects(start({ dataDir: '' }), ours('INVALID_ARGUMENT', /dataDir/))
  await assert.rejects(start({ config: { num_partition: 6 } }), ours('INVALID_CONFIG', /num_partition.*num_partitions/))
  await assert.rejects(start({ config: { num_partitions: 'six' } }), ours('INVALID_CONFIG', /num_partitions/))
  await using rivven = await startRivven()
  const restart = rivven.restart.bind(rivven) as (how?: unknown) => Promise<void>
  for (const how of [undefined, 'hard', true])
    await assert.rejects(restart(how), ours('INVALID_ARGUMENT', /restart\('stop'\)/))
})

test('an address or a folder that cannot be had ends the start with a sentence', async (context) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  context.after(() => taken.close())
  const { port } = taken.address() as { port: number }
  const listen = `127.0.0.1:${port}`
  await assert.rejects(startRivven({ config: { listen } }), ours('START_FAILED', /in use.*config\.listen/))
  const folder = mkdtempSync(join(tmpdir(), 'rivven-file-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'file')
  writeFileSync(file, '')
  chmodSync(file, 0o400)
  await assert.rejects(startRivven({ dataDir: file }), ours('START_FAILED', /file.*dataDir/))
})

test('a closed broker stays closed: restart says so, close may be called again', async () => {
  const rivven = await startRivven()
  const restarting = rivven.restart('stop')
  const closing = rivven.close()
  await assert.rejects(rivven.restart('stop'), ours('INVALID_STATE', /was closed\. Start another/))
  await Promise.all([restarting, closing, rivven.close()])
  await assert.rejects(rivven.restart('kill'), ours('INVALID_STATE', /was closed/))
  const admin = new Admin({
    bootstrapServers: rivven.bootstrapServers,
    unreachableTimeoutMs: 100,
    logger: { warn: () => undefined },
  })
  await assert.rejects(admin.listTopics(), { code: 'NO_BROKER_REACHABLE' })
})

function ours(code: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof RivvenTestingError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    return true
  }
}
