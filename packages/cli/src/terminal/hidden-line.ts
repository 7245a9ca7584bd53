import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Writable } from 'node:stream'
import { Stopped } from './stop.js'

/**
 * Reads a line from a terminal while nothing that is typed is shown; empty when input ends (Ctrl-D). A terminal that shows
 * nothing sends no signals either: Ctrl-C is passed on as one.
 */
export async function hiddenLine(input: Readable, stop: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  const close = () => lines.close()
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  stop.addEventListener('abort', close)
  try {
    const line = await new Promise<string>((resolve) => {
      lines.once('line', resolve)
      lines.once('close', () => resolve(''))
      if (stop.aborted) close()
    })
    if (stop.aborted) throw new Stopped()
    return line
  } finally {
    stop.removeEventListener('abort', close)
    close()
  }
}
