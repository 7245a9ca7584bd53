/** Beyond this no line goes further in: the depth of a text is its writer's choice. */
const deepest = 20

/**
 * A text of JSON with a line for each of its parts. It is only cut between its words, never read: numbers stay as they were written. What
 * is no JSON after all stays as it is.
 */
export function jsonLines(text: string): string[] {
  const words = wordsOf(text)
  if (words.some((word, at) => isValue(word) && isValue(words[at + 1]))) return text.split('\n')
  const lines = new Lines()
  for (const [at, word] of words.entries()) {
    const isEmpty = (opens(word) && closes(words[at + 1])) || (closes(word) && opens(words[at - 1]))
    if (closes(word)) lines.goOut(isEmpty)
    lines.add(word === ':' ? ': ' : word)
    if (opens(word)) lines.goIn(isEmpty)
    if (word === ',') lines.next()
  }
  return lines.all
}

class Lines {
  readonly all = ['']
  #depth = 0

  add(word: string): void {
    this.all[this.all.length - 1] += word
  }

  goIn(isEmpty: boolean): void {
    this.#depth += 1
    if (!isEmpty) this.next()
  }

  goOut(isEmpty: boolean): void {
    this.#depth -= 1
    if (!isEmpty) this.next()
  }

  next(): void {
    this.all.push('  '.repeat(Math.max(0, Math.min(this.#depth, deepest))))
  }
}

/** A string that has no end, because only the beginning of the text is here, is a word as well. */
function wordsOf(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\],:]|[^\s{}[\],:"]+/gs) ?? []
}

function opens(word: string | undefined): boolean {
  return word === '{' || word === '['
}

function closes(word: string | undefined): boolean {
  return word === '}' || word === ']'
}

function isValue(word: string | undefined): boolean {
  return word !== undefined && !/^[{}[\],:]$/.test(word)
}
