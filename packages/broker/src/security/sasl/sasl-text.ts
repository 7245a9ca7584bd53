/** A byte order mark is a part of the text, as every other character. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a message; undefined where it is not UTF-8. */
export function saslText(token: Uint8Array): string | undefined {
  try {
    return decoder.decode(token)
  } catch {
    return undefined
  }
}
