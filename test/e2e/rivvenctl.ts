import { createReadStream } from 'node:fs'
import { runProgram, type Terminal } from '@rivven/cli'
import { nodeRuntime, type Runtime } from '@rivven/runtime'

export interface RunOptions {
  /** Standard input: a text each line. */
  lines?: readonly (string | Uint8Array)[]
  env?: Record<string, string | undefined>
  stop?: AbortSignal
  /** As if a person typed the lines. Default false. */
  isInteractive?: boolean
  /** Default: none. */
  screen?: Terminal['screen']
  /** What that person types where nobody sees it. */
  hidden?: readonly string[]
  /** Told of each piece of data as it is written. */
  onOut?: (text: string) => void
  /** Called where data has to be with the operating system; throws what keeps them from it. */
  onFlush?: () => void
  /** Told of each word to people. */
  onWords?: (text: string) => void
  /** So many times faster than time goes: for commands that wait. Default 1. */
  speed?: number
}

export interface Ran {
  status: number
  /** Standard output, as bytes and as text. */
  bytes: Buffer
  out: string
  words: string
  tookMs: number
}

/** Runs one command line of rivvenctl in this process, with a terminal that remembers what was written. */
export async function rivvenctl(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const said = { words: '' }
  const pieces: Buffer[] = []
  const hidden = [...(options.hidden ?? [])]
  const terminal: Terminal = {
    out: (data) => {
      const bytes = Buffer.from(data as Uint8Array)
      pieces.push(bytes)
      options.onOut?.(bytes.toString())
    },
    words: (text) => {
      said.words += text
      options.onWords?.(text)
    },
    flushed: async () => options.onFlush?.(),
    async *read(path) {
      if (path === '-') yield* (options.lines ?? []).map(withEnd)
      else yield* createReadStream(path)
    },
    hiddenLine: async (prompt) => {
      terminal.words(prompt)
      return hidden.shift() ?? ''
    },
    screen: options.screen ?? null,
    isInteractive: options.isInteractive ?? false,
    env: options.env ?? {},
    stop: options.stop ?? new AbortController().signal,
  }
  const began = performance.now()
  // As the program itself does: its pauses keep no process alive.
  const kept = setInterval(() => undefined, 60_000)
  const status = await runProgram(argv, terminal, hastened(options.speed ?? 1)).finally(() => clearInterval(kept))
  const bytes = Buffer.concat(pieces)
  return { status, bytes, out: bytes.toString(), ...said, tookMs: performance.now() - began }
}

function withEnd(line: string | Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(line as Uint8Array), Buffer.from('\n')])
}

/** Pauses are shorter, and end when they should by the calendar. What limits work (the monotonic clock) stays, as do the clocks of clients. */
function hastened(speed: number): Runtime {
  const runtime = nodeRuntime()
  const { clock } = runtime
  const began = clock.now()
  return {
    ...runtime,
    clock: {
      now: () => began + (clock.now() - began) * speed,
      monotonic: () => clock.monotonic(),
      setTimer: (delayMs, callback) => clock.setTimer(delayMs / speed, callback),
    },
  }
}
