/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(words: readonly string[], most = 5, count = words.length): string {
  const shown = words.slice(0, most)
  const more = count - shown.length
  const all = more > 0 ? [...shown, `${more} more`] : shown
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** Breaks a text into lines between its words. */
export function wrapped(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

/** A title, and its text beside it, in lines; `width` is that of the titles. */
export function titled(title: string, text: string, width: number): string[] {
  return wrapped(text, 100).map((line, at) => `  ${(at === 0 ? `${title}:` : '').padEnd(width)}${line}`)
}
