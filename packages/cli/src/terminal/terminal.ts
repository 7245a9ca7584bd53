import type { Screen } from './screen.js'

/** What a command sees of the terminal; tests bring their own. Data goes to `out`, words to people go to `words`. */
export interface Terminal {
  out(data: string | Uint8Array): void
  words(text: string): void
  /** Resolves when the operating system has all data written so far; rejects with what kept it from taking them. */
  flushed(): Promise<void>
  /**
   * What is in a file, or comes by standard input for `-`, piece by piece. Throws Stopped when the user asks to stop: what came
   * so far may end in the middle of a line.
   */
  read(path: string): AsyncIterable<Uint8Array>
  /** A line that a person types while nobody sees it; empty at the end of input. Throws Stopped when the user asks to stop. */
  hiddenLine(prompt: string): Promise<string>
  /** Where a command may draw, and hear keys; null: standard input or output is no terminal. */
  readonly screen: Screen | null
  /** Whether a person types into standard input. */
  readonly isInteractive: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the user asks to stop (Ctrl-C); the reason is the name of the signal. */
  readonly stop: AbortSignal
}
