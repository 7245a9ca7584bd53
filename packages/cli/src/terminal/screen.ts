/** A terminal that shows what is drawn on it, and tells which keys are pressed. */
export interface Screen {
  size(): ScreenSize
  /** Shows the text as it is. */
  write(text: string): void
  /** Tells of keys, and of another size, until the returned function is called. */
  listen(onKey: (key: Key) => void, onResize: () => void): () => void
}

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

export type Key = 'up' | 'down' | 'enter' | 'escape' | 'interrupt' | (string & {})

const named: Readonly<Record<string, Key>> = {
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  '\r': 'enter',
  '\n': 'enter',
  '\u001b': 'escape',
  '\u007f': 'escape',
  '\u0003': 'interrupt',
}

/** The keys in what a terminal sends at a time; those that nobody asked for have no name, and are left out. */
export function keysIn(text: string): Key[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys begin with them
  const parts = text.match(/\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])|[\s\S]/g) ?? []
  return parts.flatMap((part) => named[part] ?? (part.length === 1 && part >= ' ' ? [part] : []))
}
