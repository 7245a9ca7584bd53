import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf, wholeOf } from '../../src/terminal/lines.js'

async function* pieces(...texts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text as Uint8Array)
}

async function lines(...texts: (string | Uint8Array)[]): Promise<string[]> {
  const found: string[] = []
  for await (const some of linesOf(pieces(...texts))) found.push(...some.map((line) => line.toString('latin1')))
  return found
}

test('lines are the same however the bytes are cut into pieces', async () => {
  const text = 'one\n\ntwo\r\nthree\n\n'
  const expected = ['one', '', 'two\r', 'three', '']
  for (let size = 1; size <= text.length; size++) {
    const cut = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))
    assert.deepEqual(await lines(...cut), expected, `pieces of ${size}`)
  }
})

test('a line ends at \\n only, and the last one may lack it', async () => {
  assert.deepEqual(await lines('a\u2028b\u2029c\u0085d\re'), [
    Buffer.from('a\u2028b\u2029c\u0085d\re').toString('latin1'),
  ])
  assert.deepEqual(await lines(new Uint8Array([0xff, 0x00, 0x0a, 0xc3, 0x28])), ['\xff\x00', '\xc3('])
  assert.deepEqual(await lines(), [])
  assert.deepEqual(await lines('', 'x', ''), ['x'])
})

test('what is longer than any record is refused while it is read', async () => {
  let read = 0
  async function* endless() {
    const piece = Buffer.alloc(4 * 1024 * 1024, 'x')
    for (; read < 1000; read++) yield piece
  }
  await assert.rejects(async () => {
    for await (const _ of linesOf(endless())) assert.fail('there is no line')
  }, /A record may have 128 MiB/)
  assert.ok(read < 50)
  read = 0
  await assert.rejects(wholeOf(endless()), /A record may have 128 MiB/)
  assert.ok(read < 50)
})
