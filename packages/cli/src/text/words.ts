export { counted, listed } from '@rivven/doctor'

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
