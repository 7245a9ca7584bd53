import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Producer } from '@rivven/client'
import type { Codec } from '@rivven/protocol'
import { startRivven } from '@rivven/testing'
import { brokerProcess } from '../support/broker-process.js'

const hide = { HIDDEN_PACKAGES: 'lz4-napi' }
const imports = ['--import', join(import.meta.dirname, '../support/hide-packages.js')]
const unavailable = { code: 'UNSUPPORTED_COMPRESSION_TYPE', message: /lz4-napi/ }

async function send(bootstrapServers: string, compression: Codec): Promise<void> {
  const producer = new Producer({ bootstrapServers, compression })
  try {
    await producer.send({ topic: 't', value: 'long '.repeat(100) })
  } finally {
    await producer.close()
  }
}

test('a broker without the package of a codec refuses batches of it, and takes others', async () => {
  await using broker = await brokerProcess({}, { imports, env: hide })
  await assert.rejects(send(broker.bootstrapServers, 'lz4'), unavailable)
  await send(broker.bootstrapServers, 'snappy')
})

test('a client without the package of a codec says so when a producer asks for it, and when records need it', async () => {
  await using rivven = await startRivven()
  const { bootstrapServers } = rivven
  await send(bootstrapServers, 'lz4')
  const program = `
    import { Consumer, Producer } from ${JSON.stringify(import.meta.resolve('@rivven/client'))}
    const bootstrapServers = ${JSON.stringify(bootstrapServers)}
    const told = []
    const note = (error) => told.push([error.name, error.code, error.message])
    try { new Producer({ bootstrapServers, compression: 'lz4' }) } catch (error) { note(error) }
    const consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' })
    consumer.assign([{ topic: 't', partition: 0 }])
    try { for await (const record of consumer) told.push(record) } catch (error) { note(error) }
    await consumer.close()
    console.log(JSON.stringify(told))`
  const env = { ...process.env, ...hide }
  const args = [...imports, '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  const told = JSON.parse(stdout) as string[][]
  assert.equal(told.length, 2)
  for (const [name, code, message] of told) {
    assert.equal(name, 'RivvenError')
    assert.equal(code, 'UNSUPPORTED_COMPRESSION_TYPE')
    assert.match(message!, /npm install lz4-napi/)
  }
})
