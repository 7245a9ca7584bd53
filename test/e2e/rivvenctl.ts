import { runProgram, type Terminal } from '@rivven/cli'
import { nodeRuntime } from '@rivven/runtime'

export interface RunOptions {
  /** Standard input. */
  lines?: readonly string[]
  env?: Record<string, string>
  stop?: AbortSignal
  /** As if a person typed the lines. Default false. */
  isInteractive?: boolean
  /** Told of each piece of data as it is written. */
  onOut?: (text: string) => void
  /** The same for words. */
  onWords?: (text: string) => void
}

export interface Ran {
  status: number
  out: string
  words: string
  tookMs: number
}

/** Runs one command line of rivvenctl in this process, with a terminal that remembers what was written. */
export async function rivvenctl(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const said = { out: '', words: '' }
  const terminal: Terminal = {
    out: (text) => {
      said.out += text
      options.onOut?.(text)
    },
    words: (text) => {
      said.words += text
      options.onWords?.(text)
    },
    async *lines() {
      yield* options.lines ?? []
    },
    isInteractive: options.isInteractive ?? false,
    env: options.env ?? {},
    stop: options.stop ?? new AbortController().signal,
  }
  const began = performance.now()
  const status = await runProgram(argv, terminal, nodeRuntime())
  return { status, ...said, tookMs: performance.now() - began }
}
