import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { eventually } from '../support/eventually.js'
import { cells, scene } from './cli-scene.js'

const program = join(import.meta.dirname, '../../../packages/cli/dist/src/main.js')

/** rivvenctl in a process of its own, with pipes, or with something else in the place of standard output. */
function start(bootstrapServers: string, line: string, stdout: number | 'pipe' = 'pipe') {
  const child = spawn(process.execPath, [program, '-b', bootstrapServers, ...line.split(' ')], {
    stdio: ['pipe', stdout, 'pipe'],
  })
  const words = text(child.stderr!)
  const ended = new Promise<{ status: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (status, signal) => resolve({ status, signal })),
  )
  return { child, words, ended }
}

test('a member that is stopped by a signal leaves its group, and its status says which signal', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const { child, ended, words } = start(s.bootstrapServers, `consume t --group ${signal} --from-beginning`)
    child.stdout!.once('data', () => child.kill(signal))
    assert.deepEqual(await ended, { status, signal: null }, await words)
    assert.match(await words, /^3 records read\.\n$/)
    assert.match(await s.data(`group describe ${signal}`), /State: Empty\nMembers: 0\n/)
    assert.deepEqual(cells(await s.data(`group lag ${signal}`)), [['t', '0', '3', '3', '0']])
  }
})

test('a producer that is stopped by a signal has sent what it read, and does not end as if all was done', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 0)
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const { child, ended, words } = start(s.bootstrapServers, 'produce t')
    child.stdin!.write(`${signal}\nhalf a li`)
    await eventually(async () =>
      assert.equal((await s.data(`consume t --from-beginning --timeout 300`)).includes(signal), true),
    )
    child.kill(signal)
    assert.deepEqual(await ended, { status, signal: null }, await words)
    assert.equal(await words, '1 record written to t.\n')
  }
  assert.equal(await s.data('consume t --from-beginning --timeout 0'), 'SIGINT\nSIGTERM\n', 'no line was cut')
})

test('when its reader has had enough, a member leaves its group and ends well', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 20_000)
  const { child, ended, words } = start(s.bootstrapServers, 'consume t --group g --from-beginning')
  child.stdout!.once('data', () => child.stdout!.destroy())
  assert.deepEqual(await ended, { status: 0, signal: null }, await words)
  assert.equal(await words, '')
  assert.match(await s.data('group describe g'), /State: Empty\nMembers: 0\n/)
})

test('a member whose reader stands still leaves its group when it is stopped', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 50_000)
  const { child, ended } = start(s.bootstrapServers, 'consume t --group g --from-beginning')
  await eventually(async () => assert.match(await s.data('group describe g'), /Members: 1\n/))
  // Nobody reads its pipe: sooner or later it is full, and the offsets stand still.
  let seen = ''
  await eventually(async () => {
    const [row] = cells(await s.data('group lag g'))
    const before = seen
    seen = row?.[2] ?? '-'
    assert.ok(seen !== '-' && seen === before, `it has committed ${seen}`)
  })
  child.kill('SIGTERM')
  const { status, signal } = await ended
  assert.ok(status === 143 || signal === 'SIGTERM', `status ${status}, signal ${signal}`)
  assert.match(await s.data('group describe g'), /State: Empty\nMembers: 0\n/)
})

test('on a full disk nothing counts as read', { skip: !existsSync('/dev/full') }, async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 100)
  const full = await open('/dev/full', 'w')
  const { ended, words } = start(s.bootstrapServers, 'consume t --group g --from-beginning', full.fd)
  assert.deepEqual(await ended, { status: 1, signal: null })
  assert.match(await words, /^rivvenctl: Standard output cannot be written: ENOSPC: [^\n]*\n$/)
  assert.deepEqual(cells(await s.data('group lag g')), [])
  const listing = start(s.bootstrapServers, 'topic list', full.fd)
  assert.deepEqual(await listing.ended, { status: 1, signal: null })
  await full.close()
})
