import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Logger } from 'pino'
import { openAuditOutput } from '../../src/security/audit/audit-output.js'
import { LineFile } from '../../src/security/audit/line-file.js'
import { TestClock } from '../coordinator/test-clock.js'
import { MemoryDisk } from '../storage/memory-disk.js'

const path = '/log/audit.log'

async function rig() {
  const disk = new MemoryDisk()
  await disk.makeFolder('/log')
  const clock = new TestClock()
  const said: string[] = []
  const log = Object.fromEntries(
    ['error', 'warn'].map((level) => [
      level,
      (facts: { lost?: number }, text: string) => {
        said.push(`${level}: ${text}${facts.lost === undefined ? '' : ` (${facts.lost} lost)`}`)
      },
    ]),
  ) as unknown as Logger
  const content = () => disk.content(path).toString()
  return { disk, clock, said, content, open: () => LineFile.open(path, { disk, clock, log }), log }
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('lines are added behind those of the broker before', async () => {
  const { open, content } = await rig()
  for (const name of ['first', 'second']) {
    const file = await open()
    file.write(`${name} 1\n`)
    file.write(`${name} 2\n`)
    await file.close()
  }
  assert.equal(content(), 'first 1\nfirst 2\nsecond 1\nsecond 2\n')
})

test('half a line of a broker that was killed stays a line of its own', async () => {
  const { open, content, disk } = await rig()
  const before = await open()
  before.write('{"whole":1}\n{"ha')
  await before.close()
  disk.change(path, (bytes) => bytes)
  const file = await open()
  file.write('{"next":1}\n')
  await file.close()
  assert.equal(content(), '{"whole":1}\n{"ha\n{"next":1}\n')
})

test('a file that was moved away is left, and a new one made', async () => {
  const { open, content, disk } = await rig()
  const file = await open()
  file.write('old\n')
  await turns()
  await disk.rename(path, '/log/audit.log.1')
  file.write('still old\n')
  await file.reopen()
  file.write('new\n')
  await file.close()
  assert.equal(disk.content('/log/audit.log.1').toString(), 'old\nstill old\n')
  assert.equal(content(), 'new\n')
  assert.equal(disk.openFiles, 0)
})

test('a folder that is gone at SIGHUP is told of, and the old file is used', async () => {
  const { open, content, disk, said } = await rig()
  const file = await open()
  disk.maxOpenFiles = disk.openFiles
  await file.reopen()
  file.write('line\n')
  await file.close()
  assert.deepEqual(said, ['error: the audit log cannot be opened anew'])
  assert.equal(content(), 'line\n')
})

test('a full disk is told of once; when there is room again no line is missing, and none is cut', async () => {
  const { open, content, disk, said, clock } = await rig()
  const file = await open()
  disk.capacity = 12
  const lines = Array.from({ length: 50 }, (_, at) => `line ${at}\n`)
  for (const line of lines) {
    file.write(line)
    await turns()
  }
  await clock.advance(5_000)
  assert.deepEqual(said, ['error: the audit log cannot be written: the broker goes on without'])
  disk.capacity = Infinity
  await clock.advance(1_000)
  await turns()
  assert.equal(content(), lines.join(''))
  assert.deepEqual(said.slice(1), ['warn: the audit log is written again (0 lost)'])
  await file.close()
})

test('what waits for a full disk is bounded, and what is lost is counted', async () => {
  const { open, disk, said, clock, content } = await rig()
  const file = await open()
  disk.capacity = 0
  const line = `${'x'.repeat(1023)}\n`
  for (let at = 0; at < 3_000; at++) file.write(line)
  await turns()
  disk.capacity = Infinity
  await clock.advance(1_000)
  await turns()
  assert.equal(content().length, 1024 * 1024)
  assert.deepEqual(said.slice(1), ['warn: the audit log is written again (1976 lost)'])
  await file.close()
})

test('the audit log goes to stderr as soon as there is an authorizer, elsewhere if asked, and nowhere if that is asked', async () => {
  const { disk, clock, log } = await rig()
  const lines: string[] = []
  const stderr = (line: string): void => void lines.push(line)
  const outputOf = (asked: string, authorizes: boolean) =>
    openAuditOutput({ asked, authorizes, stderr, disk, clock, log })
  const writes = async (asked: string, authorizes: boolean) => {
    const output = await outputOf(asked, authorizes)
    output?.write('line\n')
    await output?.close?.()
    return lines.splice(0).length > 0
  }
  assert.equal(await writes('', false), false)
  assert.equal(await writes('', true), true)
  assert.equal(await writes('stderr', false), true)
  assert.equal(await writes('off', true), false)
  assert.equal(await writes(path, true), false)
  assert.equal(disk.content(path).toString(), 'line\n')
  await assert.rejects(outputOf('/nowhere/audit.log', true), {
    name: 'ConfigError',
    message: /^audit_log \/nowhere\/audit\.log cannot be written: ENOENT/,
  })
})
