import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cells, scene } from './cli-scene.js'

/** Every byte but \n and the separator. */
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x0a))
const line = Buffer.concat([Buffer.from('k\xff', 'latin1'), Buffer.from('=>'), allBytes])

async function topicWithBytes() {
  const s = await scene()
  await s.data('topic create t --partitions 1')
  const folder = await mkdtemp(join(tmpdir(), 'rivven-cli-'))
  return {
    s,
    file: async (name: string, content: Uint8Array | string) => {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    },
    async [Symbol.asyncDispose]() {
      await s[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

test('bytes stay bytes on their way in and out', async () => {
  await using place = await topicWithBytes()
  const { s, file } = place
  await s.data('produce t -s =>', { lines: [line] })
  await s.data(['produce', 't', '-s', '=>', '-f', await file('lines', Buffer.concat([line, Buffer.from('\n')]))])
  const whole = Buffer.concat([line, Buffer.from('\nand more\n')])
  await s.data(['produce', 't', '-f', await file('whole', whole), '--whole-file'])

  const consume = async (...more: string[]) =>
    (await s.run(['consume', 't', '--partition', '0', '--offset', '0', ...more])).bytes
  const newline = Buffer.from('\n')
  assert.deepEqual(await consume('-n', '3'), Buffer.concat([allBytes, newline, allBytes, newline, whole, newline]))
  assert.deepEqual(await consume('-n', '1', '--format', '%k=>%v'), line)
  const csv = (await consume('-n', '1', '-o', 'csv')).toString('latin1')
  const quoted = allBytes.toString('latin1').replaceAll('"', '""')
  assert.match(csv.slice(0, csv.indexOf('"')), /\nt,0,0,\d+,k\xff,$/)
  assert.equal(csv.slice(csv.indexOf('"')), `"${quoted}"\n`)
})

test('in JSON and YAML, bytes that are no text are written so that they can be got back', async () => {
  await using place = await topicWithBytes()
  const { s } = place
  await s.data(['produce', 't', 'text'])
  await s.data('produce t -s =>', { lines: [line] })
  const [text, bytes] = (await s.data('consume t --from-beginning -n 2 -o json'))
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row))
  assert.deepEqual([text.key, text.value], [null, 'text'])
  assert.deepEqual(bytes.key, { base64: Buffer.from('k\xff', 'latin1').toString('base64') })
  assert.deepEqual(Buffer.from(bytes.value.base64, 'base64'), allBytes)
  assert.match(await s.data('consume t --partition 0 --offset 1 -n 1 -o yaml'), /\nkey:\n {2}base64: a\/8=\n/)
})

test('a line with U+2028 or \\r in it is one record', async () => {
  await using place = await topicWithBytes()
  const { s, file } = place
  await s.data('produce t', { lines: ['a\u2028b\rc', 'dos\r'] })
  await s.data(['produce', 't', '-f', await file('text', 'e\u2029f\u0085g')])
  assert.equal(await s.data('consume t --from-beginning -n 3'), 'a\u2028b\rc\ndos\r\ne\u2029f\u0085g\n')
})

test('a file is produced part by part, in order', async () => {
  await using place = await topicWithBytes()
  const { s, file } = place
  const count = 200_000
  const text = Array.from({ length: count }, (_, at) => `record ${at}\n`).join('')
  const ran = await s.run(['produce', 't', '-f', await file('many', text), '--acks', '1'])
  assert.equal(ran.words.split('\n').at(-2), `${count} records written to t.`)
  const read = await s.run(`consume t --from-beginning -n ${count}`)
  assert.ok(read.out === text, 'all of it, as it was')
})

test('what could not be written is not committed, and is read again', async () => {
  await using place = await topicWithBytes()
  const { s } = place
  await s.data('produce t', { lines: ['0', '1', '2', '3', '4', '5'] })
  let isFull = false
  const onOut = (text: string) => {
    isFull ||= text === '4\n'
  }
  const onFlush = () => {
    if (isFull) throw new Error('ENOSPC: no space left on device, write')
  }
  const ran = await s.run('consume t --group g --from-beginning --max-poll-records 2', { onOut, onFlush })
  assert.equal(ran.status, 1)
  assert.match(ran.words, /^rivvenctl: ENOSPC: no space left on device/)
  assert.deepEqual(cells(await s.data('group lag g')), [['t', '0', '4', '6', '2']])
  assert.match(await s.data('group describe g'), /State: Empty\n/)
  assert.equal(await s.data('consume t --group g -n 2'), '4\n5\n')
})
