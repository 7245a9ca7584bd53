import type { ReadStream, WriteStream } from 'node:tty'
import { type Key, keysIn, type Screen } from './screen.js'

/** The screen and keyboard of a process; null: one of them is none. */
export function nodeScreen(input: ReadStream, output: WriteStream, write: (text: string) => void): Screen | null {
  if (!input.isTTY || !output.isTTY) return null
  return {
    size: () => ({ columns: output.columns, rows: output.rows }),
    write,
    listen: (onKey, onResize) => listen(input, output, { onKey, onResize }),
  }
}

function listen(
  input: ReadStream,
  output: WriteStream,
  { onKey, onResize }: { onKey: (key: Key) => void; onResize: () => void },
): () => void {
  const onData = (bytes: Buffer) => {
    // A terminal that tells of each key sends no signals: Ctrl-C is passed on as one.
    for (const key of keysIn(bytes.toString()))
      if (key === 'interrupt') process.kill(process.pid, 'SIGINT')
      else onKey(key)
  }
  input.setRawMode(true)
  input.on('data', onData).resume()
  output.on('resize', onResize)
  return () => {
    input.setRawMode(false)
    input.off('data', onData).pause()
    output.off('resize', onResize)
  }
}
