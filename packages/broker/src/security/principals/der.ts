/**
 * One value of X.690, as certificates have them: tags of one byte, lengths that are said. Two bytes are one: it holds no more
 * than where it is.
 */
export class DerValue {
  readonly #bytes: Buffer
  readonly #at: number
  readonly #start: number
  readonly end: number

  /** `at`: its tag; from `start` to `end`: its content. */
  constructor(bytes: Buffer, at: number, start: number, end: number) {
    this.#bytes = bytes
    this.#at = at
    this.#start = start
    this.end = end
  }

  get tag(): number {
    return this.#bytes[this.#at] as number
  }

  get content(): Buffer {
    return this.#bytes.subarray(this.#start, this.end)
  }

  /** With tag and length. */
  get whole(): Buffer {
    return this.#bytes.subarray(this.#at, this.end)
  }
}

export class DerError extends Error {
  override readonly name = 'DerError'
}

export const derTags = { oid: 0x06, sequence: 0x30, set: 0x31 } as const

/** The values that these bytes are, one behind the other. Nothing is taken for granted: a peer made them. */
export function derValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = derValue(bytes, at)
    values.push(value)
    at = value.end
  }
  return values
}

function derValue(bytes: Buffer, at: number): DerValue {
  const tag = bytes[at] as number
  const first = bytes[at + 1]
  if (first === undefined || (tag & 0x1f) === 0x1f) throw new DerError('a value without a length')
  // From 128 on the length has bytes of its own: the low bits say how many.
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4 || at + 2 + lengthBytes > bytes.length) throw new DerError('no length')
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes)
  const start = at + 2 + lengthBytes
  if (start + length > bytes.length) throw new DerError('a value that is cut short')
  return new DerValue(bytes, at, start, start + length)
}

/** What is inside a value that must have this tag. */
export function derInside(value: DerValue | undefined, tag: number): DerValue[] {
  if (value?.tag !== tag) throw new DerError(`a value that is not of tag ${tag}`)
  return derValues(value.content)
}

/** Longer ones than anybody has; making a number of many bytes takes long. */
const mostOidBytes = 64

/** An object identifier in its text form: `2.5.4.3`. */
export function oidText(value: DerValue | undefined): string {
  const size = value?.content.length ?? 0
  if (value?.tag !== derTags.oid || size === 0 || size > mostOidBytes) throw new DerError('no object identifier')
  const arcs: bigint[] = []
  let arc = 0n
  for (const [at, byte] of value.content.entries()) {
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0n
    } else if (at === size - 1) throw new DerError('an object identifier that is cut short')
  }
  const [both = 0n, ...rest] = arcs
  // The first two are one number.
  const top = both < 40n ? 0n : both < 80n ? 1n : 2n
  return [top, both - top * 40n, ...rest].join('.')
}
