import { createInterface } from 'node:readline'
import { nodeRuntime } from '@rivven/runtime'
import { runProgram } from './program.js'
import type { Terminal } from './terminal.js'

const stop = new AbortController()
// The first Ctrl-C ends cleanly (a group member leaves its group), the second at once.
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
// Whoever reads our output may have had enough (`| head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  words: (text) => void process.stderr.write(text),
  lines: () => createInterface({ input: process.stdin, signal: stop.signal }),
  isInteractive: process.stdin.isTTY === true,
  env: process.env,
  stop: stop.signal,
}

process.exitCode = await runProgram(process.argv.slice(2), terminal, nodeRuntime())
