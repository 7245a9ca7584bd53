import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { mock, test } from 'node:test'
import { hiddenLine } from '../../src/terminal/hidden-line.js'
import { Stopped } from '../../src/terminal/stop.js'

/** A terminal as Node has it: in raw mode it shows nothing of what is typed. */
function terminal() {
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode(isRaw: boolean) {
      input.isRaw = isRaw
    },
  })
  const stop = new AbortController()
  return { input, stop, line: () => hiddenLine(input, stop.signal) }
}

test('a hidden line is read up to its end, with what was corrected, and the terminal shows again what is typed', async () => {
  const { input, line } = terminal()
  const typed = line()
  assert.ok(input.isRaw)
  input.write('pencli\x7f\x7fil\r')
  assert.equal(await typed, 'pencil')
  assert.ok(!input.isRaw)
})

test('two hidden lines follow each other', async () => {
  const { input, line } = terminal()
  for (const word of ['pencil', 'brush']) {
    const typed = line()
    input.write(`${word}\n`)
    assert.equal(await typed, word)
  }
})

test('a hidden line is empty at the end of input', async () => {
  const { input, line } = terminal()
  const typed = line()
  input.write('\x04')
  assert.equal(await typed, '')
})

test('Ctrl-C in a hidden line is the signal it always is, which ends it', async () => {
  const { input, stop, line } = terminal()
  const kill = mock.method(process, 'kill', (_id: number, signal: string) => stop.abort(signal))
  const typed = line()
  input.write('pen\x03')
  await assert.rejects(typed, Stopped)
  assert.deepEqual(kill.mock.calls[0]?.arguments, [process.pid, 'SIGINT'])
  assert.ok(!input.isRaw)
  kill.mock.restore()
})
