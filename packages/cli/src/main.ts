import { createReadStream, write } from 'node:fs'
import { addAbortSignal, type Readable } from 'node:stream'
import { nodeRuntime } from '@rivven/runtime'
import { runProgram } from './program.js'
import { hiddenLine } from './terminal/hidden-line.js'
import { nodeScreen } from './terminal/node-screen.js'
import { type Output, OutputQueue } from './terminal/output-queue.js'
import { Stopped, stopSignals } from './terminal/stop.js'
import type { Terminal } from './terminal/terminal.js'

const runtime = nodeRuntime()
const stop = new AbortController()
// The first Ctrl-C ends cleanly (a group member leaves its group), the second at once.
for (const signal of stopSignals) process.once(signal, () => stop.abort(signal))

const descriptors: Readonly<Record<Output, number>> = { data: 1, words: 2 }

/** A pipe that somebody made non-blocking may be full for a while. */
const fullPauseMs = 5

function writeSome(to: Output, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptors[to], bytes, (error, count) => {
      if (!error) resolve(count)
      else if (error.code === 'EAGAIN') runtime.clock.setTimer(fullPauseMs, () => resolve(0))
      else reject(error)
    })
  })
}

async function* read(path: string): AsyncGenerator<Uint8Array> {
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 256 * 1024 })
  try {
    for await (const piece of addAbortSignal(stop.signal, stream)) yield piece as Buffer
  } catch (error) {
    throw stop.signal.aborted ? new Stopped() : error
  }
}

const output = new OutputQueue(writeSome)
const terminal: Terminal = {
  out: (data) => output.put('data', data),
  words: (text) => output.put('words', text),
  flushed: () => output.flushed(),
  read,
  hiddenLine: (prompt) => {
    output.put('words', prompt)
    return hiddenLine(process.stdin, stop.signal).finally(() => output.put('words', '\n'))
  },
  screen: nodeScreen(process.stdin, process.stdout, (text) => output.put('data', text)),
  isInteractive: process.stdin.isTTY === true,
  env: process.env,
  stop: stop.signal,
}

// Timers of the runtime keep no process alive; the last pauses, after all clients are closed, are waited for.
setInterval(() => undefined, 60_000)
const status = await runProgram(process.argv.slice(2), terminal, runtime)
// A write that nobody reads cannot be called back, and would hold up a plain exit: what the signal does by itself does not.
if (stop.signal.aborted && output.isBusy) process.kill(process.pid, stop.signal.reason as NodeJS.Signals)
process.exit(status)
