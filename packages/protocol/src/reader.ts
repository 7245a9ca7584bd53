// Hot path: see bytes.ts.
import { DecodeError, INT64_MAX, TooManyElements, TWO_32, textLength } from './bytes.js'

const TWO_21 = 0x200000
/** A decoder in parts stops after so many elements: tens of microseconds. */
const ELEMENTS_OF_A_PART = 64

/** Reads a message from a frame. Lengths and counts are never trusted. */
export class Reader {
  readonly buffer: Buffer
  position: number
  readonly end: number
  /** How many more elements all arrays together may have, those in other arrays included. */
  elementsLeft = Number.POSITIVE_INFINITY
  #untilTired = ELEMENTS_OF_A_PART

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer
    this.position = position
    this.end = end
  }

  get remaining(): number {
    return this.end - this.position
  }

  /** Moves over `count` bytes; returns where they begin. */
  take(count: number): number {
    const at = this.position
    if (count > this.end - at) throw new DecodeError(`${count} bytes are wanted at ${at}, ${this.end - at} are left`)
    this.position = at + count
    return at
  }

  bool(): boolean {
    return this.buffer[this.take(1)] !== 0
  }

  int8(): number {
    return (this.buffer[this.take(1)]! << 24) >> 24
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2))
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.take(2))
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4))
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4))
  }

  /** An int64 within ±2^53; beyond it is refused, but for 2^63-1, Kafka's "no limit" (INT64_MAX). */
  int64(): number {
    const at = this.take(8)
    const high = this.buffer.readInt32BE(at)
    const low = this.buffer.readUInt32BE(at + 4)
    if (high < TWO_21 && high >= -TWO_21) return high * TWO_32 + low
    if (high === TWO_21 && low === 0) return 2 ** 53
    if (high === 0x7fffffff && low === 0xffffffff) return INT64_MAX
    throw new DecodeError(`The int64 at ${at} is beyond ±2^53: this broker counts with numbers up to there`)
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.take(8))
  }

  uuid(): string {
    const at = this.take(16)
    return this.buffer.toString('base64url', at, at + 16)
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.take(1)]!
      if (shift === 28 && byte > 0x0f) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new DecodeError(`The varint before ${this.position} does not end within 32 bits`)
  }

  string(): string {
    return this.text(this.int16())
  }

  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.text(length)
  }

  compactString(): string {
    return this.text(this.uvarint() - 1)
  }

  nullableCompactString(): string | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.text(length)
  }

  bytes(): Buffer {
    return this.slice(this.int32())
  }

  nullableBytes(): Buffer | null {
    const length = this.int32()
    return length < 0 ? null : this.slice(length)
  }

  compactBytes(): Buffer {
    return this.slice(this.uvarint() - 1)
  }

  nullableCompactBytes(): Buffer | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.slice(length)
  }

  text(length: number): string {
    if (length < 0) throw new DecodeError(`A string at ${this.position} is null where it may not be`)
    if (length > 32_767) throw new DecodeError(`A string of ${length} bytes at ${this.position}: 32,767 are the most`)
    const at = this.take(length)
    const text = this.buffer.toString('utf8', at, at + length)
    // Bytes that are no UTF-8 take three each when they are written again.
    if (length > 10_922) textLength(text, DecodeError)
    return text
  }

  slice(length: number): Buffer {
    if (length < 0) throw new DecodeError(`Bytes at ${this.position} are null where they may not be`)
    const at = this.take(length)
    return this.buffer.subarray(at, at + length)
  }

  /** Asked after each element by a decoder in parts: is it time to stop? */
  isTired(): boolean {
    if (--this.#untilTired > 0) return false
    this.#untilTired = ELEMENTS_OF_A_PART
    return true
  }

  /** Checks that `count` elements of at least `least` bytes can be there at all, and may be. */
  count(count: number, least: number): number {
    if (count < 0) throw new DecodeError(`An array at ${this.position} is null where it may not be`)
    if (count * least > this.end - this.position)
      throw new DecodeError(`An array of ${count} at ${this.position} does not fit in ${this.remaining} bytes`)
    this.elementsLeft -= count
    if (this.elementsLeft < 0) throw new TooManyElements(`Its arrays have more elements than are allowed`)
    return count
  }
}
