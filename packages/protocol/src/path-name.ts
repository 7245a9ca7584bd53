/** Browsers take these for steps in a path, even where they are encoded. */
const steps: readonly string[] = ['', '.', '..']

/**
 * How a name (of a group, a topic, …) stands in a path of Rivven's API: as encodeURIComponent writes it, with a `~` in front of those
 * that a path cannot hold (empty, `.` and `..`), and of those that begin with one.
 */
export function nameToPath(name: string): string {
  const isOdd = steps.includes(name) || name.startsWith('~')
  // What is half a character is written as all text is written in UTF-8.
  return encodeURIComponent((isOdd ? `~${name}` : name).replace(/\p{Cs}/gu, '\ufffd'))
}

/** The name that a part of a path stands for; undefined: `nameToPath` writes none like it. */
export function nameFromPath(part: string): string | undefined {
  const text = decoded(part)
  if (text === undefined || steps.includes(text)) return undefined
  if (!text.startsWith('~')) return text
  const name = text.slice(1)
  return steps.includes(name) || name.startsWith('~') ? name : undefined
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
