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

/** A name of RFC 5802 without what stands for its commas and equals signs. */
export function unescaped(name: string): string {
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=')
}
