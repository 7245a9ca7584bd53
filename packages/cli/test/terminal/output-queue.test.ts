import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Output, OutputError, OutputQueue } from '../../src/terminal/output-queue.js'

test('data and words are written in the order they were given, also where only a part is taken at a time', async () => {
  let written = ''
  const queue = new OutputQueue(async (to, bytes) => {
    const taken = bytes.subarray(0, 3)
    written += `${to === 'data' ? '' : '!'}${Buffer.from(taken)}`
    return taken.length
  })
  queue.put('data', 'one ')
  queue.put('data', Buffer.from('two '))
  queue.put('words', 'said')
  queue.put('data', 'three')
  assert.ok(queue.isBusy)
  await queue.flushed()
  assert.equal(written, 'one two !sai!dthree')
  assert.ok(!queue.isBusy)
})

test('where data cannot be written, that is an error from then on, and words go on', async () => {
  const written: string[] = []
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const queue = new OutputQueue(async (to: Output, bytes) => {
    if (to === 'data') throw full
    written.push(Buffer.from(bytes).toString())
    return bytes.length
  })
  queue.put('data', 'lost')
  await assert.rejects(queue.flushed(), /^Error: Standard output cannot be written: ENOSPC/)
  queue.put('data', 'more')
  queue.put('words', 'sorry')
  await assert.rejects(queue.flushed(), (error) => error instanceof OutputError && !error.isReaderGone)
  assert.deepEqual(written, ['sorry'])
})

test('that nobody reads the words is no error, and that nobody reads the data is told', async () => {
  const gone = Object.assign(new Error('EPIPE'), { code: 'EPIPE' })
  const queue = new OutputQueue(async () => {
    throw gone
  })
  queue.put('words', 'a word')
  await queue.flushed()
  queue.put('data', 'data')
  await assert.rejects(queue.flushed(), (error) => error instanceof OutputError && error.isReaderGone)
})
