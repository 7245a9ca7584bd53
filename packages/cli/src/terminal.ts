/** What a command sees of the terminal; tests bring their own. Data goes to `out`, words to people go to `words`. */
export interface Terminal {
  out(text: string): void
  words(text: string): void
  /** Standard input, line by line. */
  lines(): AsyncIterable<string>
  /** Whether a person types into standard input. */
  readonly isInteractive: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the user asks to stop (Ctrl-C). */
  readonly stop: AbortSignal
}
