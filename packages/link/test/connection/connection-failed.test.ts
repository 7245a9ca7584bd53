import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionFailed } from '../../src/connection/connection-failed.js'

test('a process that has no file descriptor left is told so, and what to raise', () => {
  const cause = Object.assign(new Error('connect EMFILE 127.0.0.1:9092'), { code: 'EMFILE' })
  const { message } = connectionFailed('127.0.0.1:9092', cause)
  assert.match(message, /^Connecting to 127\.0\.0\.1:9092 failed: this process has as many files .*`ulimit -n`.*\.$/)
})
