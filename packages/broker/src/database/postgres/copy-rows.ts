/** Eleven bytes of signature, four of flags, and the length of an extension that there is none of. */
const HEADER_BYTES = 19
const END = -1

/** The rows of COPY's binary form: their fields, which are slices of `bytes`; null as SQL has it. */
export function* rowsOf(bytes: Buffer): Generator<readonly (Buffer | null)[], undefined, undefined> {
  for (let at = HEADER_BYTES; ; ) {
    const count = bytes.readInt16BE(at)
    at += 2
    if (count === END) return
    const fields: (Buffer | null)[] = []
    for (let field = 0; field < count; field++) {
      const length = bytes.readInt32BE(at)
      at += 4
      fields.push(length < 0 ? null : bytes.subarray(at, at + length))
      at += Math.max(length, 0)
    }
    yield fields
  }
}

export function bigintOf(field: Buffer | null | undefined): number {
  return Number(field!.readBigInt64BE(0))
}

export function intOf(field: Buffer | null | undefined): number {
  return field!.readInt32BE(0)
}
