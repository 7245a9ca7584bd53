/** A compiled pattern of transactional ids. */
export interface Pattern {
  /** Whether the whole text matches. */
  matches(text: string): boolean
}

/** Undefined: it cannot be read. */
export function compilePattern(source: string): Pattern | undefined {
  try {
    const regExp = new RegExp(`^(?:${source})$`, 'su')
    return { matches: (text) => regExp.test(text) }
  } catch {
    return undefined
  }
}
