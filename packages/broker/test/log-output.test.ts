import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLog } from '../src/log-output.js'

function linesOf(write: (log: ReturnType<typeof openLog>) => void): Record<string, unknown>[] {
  const lines: string[] = []
  write(openLog('warn', { write: (line) => void lines.push(line) }))
  return lines.map((line) => JSON.parse(line))
}

test('a log line tells of an error what it said, where it was thrown, its code and its cause', () => {
  const cause = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    path: '/data/1.log',
  })
  const [line] = linesOf((log) => log.error({ error: new Error('not stored', { cause }), partition: 3 }, 'failed'))
  const error = line?.error as Record<string, unknown>
  assert.equal(line?.msg, 'failed')
  assert.equal(error.message, 'not stored')
  assert.match(String(error.stack), /log-output\.test/)
  const { message, code, path } = error.cause as Record<string, unknown>
  assert.deepEqual({ message, code, path }, { message: cause.message, code: 'ENOSPC', path: '/data/1.log' })
})

test('what was thrown and is no error is told as it is', () => {
  const [line] = linesOf((log) => log.warn({ error: 'a text' }, 'failed'))
  assert.equal(line?.error, 'a text')
})
