/** No broker takes a record that is larger; what has no end of line for so long is no text of lines. */
export const largestRecordBytes = 128 * 1024 * 1024

const newline = 0x0a

/**
 * The lines of a stream of bytes, those that end in one piece of it together. A line ends at `\n` and nowhere else, and what
 * is in it stays as it is: `\r`, U+2028 and bytes that are no UTF-8. The last one may lack its end.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer[]> {
  let begun: Buffer[] = []
  let begunBytes = 0
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    const lines: Buffer[] = []
    let start = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      const rest = bytes.subarray(start, end)
      lines.push(begun.length === 0 ? rest : Buffer.concat([...begun, rest]))
      begun = []
      start = end + 1
    }
    if (lines.length > 0) begunBytes = 0
    if (start < bytes.length) begun.push(bytes.subarray(start))
    begunBytes += bytes.length - start
    if (begunBytes > largestRecordBytes) throw tooLong()
    if (lines.length > 0) yield lines
  }
  if (begun.length > 0) yield [Buffer.concat(begun)]
}

/** All of it, as one record. */
export async function wholeOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const kept: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces) {
    kept.push(piece)
    bytes += piece.length
    if (bytes > largestRecordBytes) throw tooLong()
  }
  return Buffer.concat(kept)
}

function tooLong(): Error {
  return new Error(`A record may have ${largestRecordBytes / 1024 / 1024} MiB; this one is longer. Lines end at \\n.`)
}
