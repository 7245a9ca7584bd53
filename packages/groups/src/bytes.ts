import { DecodeError } from '@rivven/protocol'

/** Reads the fields of the consumer protocol and of coordinator records; throws DecodeError where the bytes end too early. */
export class Reader {
  private readonly bytes: Buffer
  private at: number

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  get remaining(): number {
    return this.bytes.length - this.at
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1))
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2))
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4))
  }

  int64(): number {
    const value = Number(this.bytes.readBigInt64BE(this.take(8)))
    if (!Number.isSafeInteger(value)) throw new DecodeError(`an int64 beyond ±2^53 at byte ${this.at - 8}`)
    return value
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes.readUInt8(this.take(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new DecodeError(`a varint of more than five bytes at byte ${this.at}`)
  }

  string(): string {
    const text = this.nullableString()
    if (text === null) throw new DecodeError(`null instead of a string at byte ${this.at}`)
    return text
  }

  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.slice(length).toString('utf8')
  }

  nullableBytes(): Buffer | null {
    const length = this.int32()
    return length < 0 ? null : this.slice(length)
  }

  compactString(): string {
    const text = this.nullableCompactString()
    if (text === null) throw new DecodeError(`null instead of a string at byte ${this.at}`)
    return text
  }

  nullableCompactString(): string | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.slice(length).toString('utf8')
  }

  compactBytes(): Buffer {
    return this.slice(Math.max(0, this.uvarint() - 1))
  }

  /** Elements one after the other; their count is never believed further than the bytes reach. */
  array<Element>(count: number, element: () => Element): Element[] {
    if (count < 0) throw new DecodeError(`an array of ${count} elements at byte ${this.at}`)
    if (count > this.remaining) throw new DecodeError(`an array of ${count} elements in ${this.remaining} bytes`)
    return Array.from({ length: count }, element)
  }

  /** The section of tagged fields at the end of a flexible structure; calls `field` with the bytes of each. */
  taggedFields(field?: (tag: number, bytes: Buffer) => void): void {
    for (let left = this.uvarint(); left > 0; left--) {
      const tag = this.uvarint()
      const bytes = this.slice(this.uvarint())
      field?.(tag, bytes)
    }
  }

  /** A view, not a copy. */
  slice(length: number): Buffer {
    const start = this.take(length)
    return this.bytes.subarray(start, start + length)
  }

  private take(length: number): number {
    if (length > this.remaining)
      throw new DecodeError(`${length} bytes wanted at byte ${this.at}, ${this.remaining} left`)
    const start = this.at
    this.at += length
    return start
  }
}

/** Writes the same fields, a few at a time: for records and subscriptions, not for hot paths. */
export class Writer {
  private readonly chunks: Buffer[] = []

  int8(value: number): this {
    return this.push(1, (chunk) => chunk.writeInt8(value))
  }

  int16(value: number): this {
    return this.push(2, (chunk) => chunk.writeInt16BE(value))
  }

  int32(value: number): this {
    return this.push(4, (chunk) => chunk.writeInt32BE(value))
  }

  int64(value: number): this {
    return this.push(8, (chunk) => chunk.writeBigInt64BE(BigInt(value)))
  }

  uvarint(value: number): this {
    const bytes: number[] = []
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
    bytes.push(rest)
    return this.raw(Buffer.from(bytes))
  }

  string(text: string | null): this {
    if (text === null) return this.int16(-1)
    const bytes = Buffer.from(text, 'utf8')
    if (bytes.length > 0x7fff) throw new RangeError(`a string of ${bytes.length} bytes; at most 32767 can be written`)
    return this.int16(bytes.length).raw(bytes)
  }

  bytes(bytes: Buffer | null): this {
    return bytes === null ? this.int32(-1) : this.int32(bytes.length).raw(bytes)
  }

  compactString(text: string | null): this {
    if (text === null) return this.uvarint(0)
    const bytes = Buffer.from(text, 'utf8')
    return this.uvarint(bytes.length + 1).raw(bytes)
  }

  compactBytes(bytes: Buffer): this {
    return this.uvarint(bytes.length + 1).raw(bytes)
  }

  array<Element>(elements: readonly Element[], write: (element: Element) => void): this {
    this.int32(elements.length)
    for (const element of elements) write(element)
    return this
  }

  raw(bytes: Buffer): this {
    this.chunks.push(bytes)
    return this
  }

  done(): Buffer {
    return Buffer.concat(this.chunks)
  }

  private push(size: number, write: (chunk: Buffer) => void): this {
    const chunk = Buffer.allocUnsafe(size)
    write(chunk)
    return this.raw(chunk)
  }
}
