import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ended, ready, rivvendIn } from './rivvend-process.js'

const folder = mkdtempSync(join(tmpdir(), 'rivvend-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const rivvend = rivvendIn(folder)

test('rivvend prints one line when it is ready, and ends with status 0 on SIGTERM and on SIGINT', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const run = rivvend('--memory', '--listen', '127.0.0.1:0', '--http', 'off')
    assert.match(await ready(run), /^rivvend ready on 127\.0\.0\.1:[1-9]\d* in \d+ ms\n$/)
    run.process.kill(signal)
    assert.deepEqual(await ended(run), { status: 0, said: '' })
  }
})

test('rivvend tells where HTTP is if it was asked for it, and fails if it cannot have that address', async () => {
  const run = rivvend('--memory', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0')
  while ((await ready(run)).split('\n').length < 3) await once(run.process.stdout as NodeJS.ReadableStream, 'data')
  const [first, second] = run.stdout().split('\n') as [string, string]
  assert.match(first, /^rivvend ready on /)
  const url = /^http on (http:\/\/127\.0\.0\.1:\d+)$/.exec(second)?.[1] as string
  assert.equal((await fetch(`${url}/health/ready`)).status, 200)
  const { status, said } = await ended(
    rivvend('--memory', '--listen', '127.0.0.1:0', '--http', url.replace('http://', '')),
  )
  assert.equal(status, 1)
  assert.match(said, /^HTTP cannot be served on 127\.0\.0\.1:\d+ \(EADDRINUSE\)\. Choose another[^\n]*\n$/)
  run.process.kill()
  assert.deepEqual(await ended(run), { status: 0, said: '' })
})

test('a data folder belongs to one rivvend, and to the next one after a kill', async () => {
  const words = ['--data-dir', join(folder, 'data'), '--listen', '127.0.0.1:0']
  const first = rivvend(...words)
  await ready(first)
  const { status, said } = await ended(rivvend(...words))
  assert.equal(status, 1)
  assert.match(said, /^The data folder \S+data is in use by process \d+ of host \S+: end that one first\.[^\n]*\n$/)
  first.process.kill('SIGKILL')
  await ended(first)
  const next = rivvend(...words)
  await ready(next)
  next.process.kill()
  assert.equal((await ended(next)).status, 0)
})

test('what a user can put right is said in one sentence', async () => {
  const running = rivvend('--memory', '--listen', '127.0.0.1:0')
  const port = /:(\d+) in/.exec(await ready(running))?.[1]
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'odd', 'lock'), { recursive: true })
  mkdirSync(join(folder, 'strange', 'documents', 'catalog'), { recursive: true })
  const cases: [string[], RegExp][] = [
    [['--memory', '--listen', `127.0.0.1:${port}`], /^The address 127\.0\.0\.1:\d+ is in use/],
    [['--memory', '--listen', '0.0.0.0:0'], /^listen is 0\.0\.0\.0:0, which other machines can reach/],
    [['--data-dir', 'file', '--listen', '127.0.0.1:0'], /^The data folder cannot be used: \w+, [^,]+, at \S*file/],
    [
      ['--data-dir', 'odd', '--listen', '127.0.0.1:0'],
      /^The data folder odd cannot be locked: \S+ is a folder; remove it/,
    ],
    [
      ['--data-dir', 'strange', '--listen', '127.0.0.1:0'],
      /^The data folder cannot be used: EISDIR, .*, at \S*catalog\./,
    ],
    [['--set', 'num_partitionz=3'], /Did you mean num_partitions\?/],
    [['--lissten', 'x'], /unknown option '--lissten'/],
    [['--config', 'nowhere.yaml'], /^The configuration file nowhere\.yaml cannot be read: it is not there\./],
  ]
  for (const [words, sentence] of cases) {
    const { status, said } = await ended(rivvend(...words))
    assert.equal(status, 1, words.join(' '))
    assert.match(said, sentence)
    assert.doesNotMatch(said, /\n.*at /s)
  }
  running.process.kill()
  await ended(running)
})
