// Runs test files, a process for each list of them, and prints what each process said when it ends. One in which no test ends for
// too long is killed with everything it has started, is named, and fails the run; so does one that prints a password.
import { spawn } from 'node:child_process'
import { dirname, join, relative } from 'node:path'
import { linesWithPasswords, withoutPasswords } from './leaked-passwords.mjs'

const severalTests = join(import.meta.dirname, 'several-tests.mjs')

/** No test of a file ended for this long: it hangs. The longest ones take a minute alone, and machines can be busy. */
const SILENCE_LIMIT_MS = 600_000
/** How often the files that are still running are named. */
const REMINDER_MS = 60_000

const countNames = ['tests', 'pass', 'fail', 'cancelled', 'skipped', 'todo']

/**
 * Resolves to true if all went well. `lists`: files that share a process (`listsOf`). `print` takes whole lines; `root` is left
 * out of paths; `concurrency` lists run at a time (4: on two cores half of a file's time is spent waiting for clocks, disks and
 * children).
 */
export async function runTestFiles(lists, { root, print, concurrency = 4, silenceLimitMs = SILENCE_LIMIT_MS }) {
  const startedAt = performance.now()
  const waiting = [...lists]
  const running = new Set()
  const outcomes = []
  const reminder = setInterval(() => print(stillRunning(running)), REMINDER_MS)
  const stop = endWithUs(running)
  const worker = async () => {
    for (let files = waiting.shift(); files !== undefined; files = waiting.shift()) {
      const outcome = await runFiles(files, { name: nameOf(files, root), running, silenceLimitMs })
      print(reportOf(outcome))
      outcomes.push(outcome)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  clearInterval(reminder)
  stop()
  print(summaryOf(outcomes, startedAt))
  return outcomes.every(isGood)
}

function nameOf(files, root) {
  if (files.length === 1) return relative(root, files[0])
  return `${relative(root, dirname(files[0]))} (${files.length} files)`
}

function runFiles(files, { name, running, silenceLimitMs }) {
  // A process group of its own, so that what a test has started ends with it.
  const child = spawn(process.execPath, ['--test-reporter=spec', severalTests, ...files], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const outcome = { name, said: '', isHanging: false }
  const run = { name, child, startedAt: performance.now() }
  running.add(run)
  const isSilent = setTimeout(() => {
    outcome.isHanging = true
    kill(child)
  }, silenceLimitMs)
  const hear = (text) => {
    outcome.said += text
    if (/^ *[✔✖] /m.test(text)) isSilent.refresh()
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear)
  // Not `close`: a process that a test has left behind may hold the pipes open for as long as it likes.
  return new Promise((resolve) => {
    child.once('exit', (status) => {
      clearTimeout(isSilent)
      running.delete(run)
      kill(child)
      setImmediate(() => {
        const { said } = outcome
        const ended = { status, leaks: linesWithPasswords(said), tookMs: performance.now() - run.startedAt }
        resolve({ ...outcome, ...ended, said: withoutPasswords(said) })
      })
    })
  })
}

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

/** Ctrl-C goes to our process group only; the files' own are ended by us. */
function endWithUs(running) {
  const end = () => {
    for (const { child } of running) kill(child)
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end)
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, end)
  }
}

const isGood = ({ status, isHanging, leaks }) => status === 0 && !isHanging && leaks.length === 0

function countsOf({ said }) {
  return Object.fromEntries(
    countNames.map((name) => [name, Number(said.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'))?.[1] ?? 0)]),
  )
}

/** What the file said, without the counts at its end; its failures are at its end already. */
function reportOf(outcome) {
  const said = outcome.said
    .replace(/^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*\n?/gm, '')
    .trimEnd()
  const seconds = (outcome.tookMs / 1000).toFixed(1)
  return `${isGood(outcome) ? '▶' : '✖'} ${outcome.name} (${seconds} s)\n${said}\n${complaintOf(outcome)}`
}

function complaintOf(outcome) {
  const { name } = outcome
  if (outcome.isHanging)
    return `✖ ${name} hangs: no test ended for too long, so it was killed. The tests above have ended.\n`
  if (outcome.leaks.length > 0)
    return `✖ ${name} printed a password of a test, in its lines ${outcome.leaks.join(', ')}.\n`
  if (outcome.status !== 0 && countsOf(outcome).fail === 0) return `✖ ${name} ended with status ${outcome.status}.\n`
  return ''
}

function stillRunning(running) {
  const seconds = ({ startedAt }) => Math.round((performance.now() - startedAt) / 1000)
  return `… still running: ${[...running].map((run) => `${run.name} (${seconds(run)} s)`).join(', ')}`
}

/** In the words of Node's own runner. */
function summaryOf(outcomes, startedAt) {
  const sums = Object.fromEntries(countNames.map((name) => [name, 0]))
  for (const outcome of outcomes) {
    const counts = countsOf(outcome)
    if (!isGood(outcome) && counts.fail + counts.cancelled === 0) {
      counts.tests++
      counts.fail++
    }
    for (const name of countNames) sums[name] += counts[name]
  }
  const bad = outcomes.filter((outcome) => !isGood(outcome)).map(({ name }) => `✖ ${name}`)
  const lines = countNames.map((name) => `ℹ ${name} ${sums[name]}`)
  const took = `ℹ duration_ms ${(performance.now() - startedAt).toFixed(0)}`
  return [...lines, took, ...(bad.length > 0 ? ['', '✖ files that failed:', ...bad] : [])].join('\n')
}
