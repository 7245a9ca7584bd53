const bytesOfLine = 16

/** Bytes as offsets, hexadecimal numbers and what of them is ASCII. */
export function hexLines(bytes: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(bytes.length / bytesOfLine) }, (_, line) => {
    const piece = bytes.subarray(line * bytesOfLine, (line + 1) * bytesOfLine)
    const numbers = Array.from(piece, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const signs = Array.from(piece, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    const at = (line * bytesOfLine).toString(16).padStart(4, '0')
    return `${at}  ${numbers.padEnd(bytesOfLine * 3 - 1)}  ${signs}`
  })
}
