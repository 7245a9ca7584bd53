// node bench/micro/start.mjs [ROUNDS]: CPU time from start to help or "ready", beside that of an empty Node program. Medians; CPU
// time, so that a busy machine matters little.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const rounds = Number(process.argv[2] ?? 15)
const work = mkdtempSync(join(tmpdir(), 'rivven-start-'))
const packages = join(import.meta.dirname, '../../packages')
const rivvend = join(packages, 'rivvend/bin/rivvend.cjs')
const anywhere = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0']
const programs = {
  'node -e 0': ['-e', '0'],
  'rivvenctl --help': [join(packages, 'rivvenctl/bin/rivvenctl.js'), '--help'],
  'rivvend ready, in memory': [rivvend, '--memory', ...anywhere],
  'rivvend ready, on files': [rivvend, '--data-dir', join(work, 'data'), ...anywhere],
}

// Loaded before the program: tells what it has used when it is ready, or at its end.
const meter = join(work, 'meter.cjs')
writeFileSync(
  meter,
  `const { writeSync } = require('node:fs')
  const tell = () => { const { user, system } = process.cpuUsage(); writeSync(3, String((user + system) / 1000) + '\\n') }
  const { write } = process.stdout
  process.stdout.write = function (text, ...rest) {
    if (!String(text).includes(' ready on ')) return write.call(this, text, ...rest)
    tell()
    process.exit()
  }
  process.on('exit', tell)`,
)

/** Milliseconds of CPU of one run. */
function cpuOf(args) {
  const child = spawn(process.execPath, ['--require', meter, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  let told = ''
  child.stdio[3].on('data', (text) => {
    told += text
  })
  return new Promise((resolve) => child.once('close', () => resolve(Number.parseFloat(told))))
}

const measured = new Map(Object.keys(programs).map((name) => [name, []]))
for (let round = 0; round < rounds; round++) {
  for (const [name, args] of Object.entries(programs)) measured.get(name).push(await cpuOf(args))
}
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]
const [empty] = [...measured.values()].map(median)
for (const [name, values] of measured) {
  const ms = median(values)
  console.log(`${name.padEnd(26)} ${ms.toFixed(0).padStart(4)} ms CPU ${(ms / empty).toFixed(2).padStart(6)} ×`)
}
rmSync(work, { recursive: true, force: true })
