import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Admin, Producer } from '@rivven/client'
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

test('a broker without the package of a codec refuses to write it, takes what clients wrote with it, and all else', async () => {
  await using broker = await brokerProcess({}, { imports, env: hide })
  const { bootstrapServers } = broker
  await send(bootstrapServers, 'snappy')
  await send(bootstrapServers, 'lz4')
  const admin = new Admin({ bootstrapServers })
  await admin.alterConfigs([{ type: 'topic', name: 't', configs: [{ name: 'compression.type', value: 'lz4' }] }])
  await admin.close()
  await assert.rejects(send(bootstrapServers, 'snappy'), unavailable)
  await send(bootstrapServers, 'lz4')
})

test('a client without the package of a codec says so when a producer asks for it, and reads it all the same', async () => {
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
    for await (const { value } of consumer) {
      told.push(String(value).slice(0, 10))
      break
    }
    await consumer.close()
    console.log(JSON.stringify(told))`
  const env = { ...process.env, ...hide }
  const args = [...imports, '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  const [refusal, value] = JSON.parse(stdout) as [string[], string]
  assert.deepEqual(refusal.slice(0, 2), ['RivvenError', 'UNSUPPORTED_COMPRESSION_TYPE'])
  assert.match(refusal[2]!, /npm install lz4-napi/)
  assert.equal(value, 'long long ')
})
