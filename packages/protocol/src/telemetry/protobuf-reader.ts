import { DecodeError, TWO_32 } from '../bytes.js'

/** How the value of a field is written. Groups (3 and 4) are of another age, and refused. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** Ten bytes of seven bits hold 64 bits. */
const MOST_VARINT_BYTES = 10

/**
 * Walks the fields of one message of protocol buffers: `next`, then one of the reads or `skip`. It never looks behind its end, and
 * makes nothing of what is not asked for.
 */
export class ProtobufReader {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number
  field = 0
  #wireType = 0

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  /** Goes to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at === this.#end) return false
    const tag = this.#varint()
    this.field = Math.floor(tag / 8)
    this.#wireType = tag % 8
    if (this.field === 0) throw new DecodeError('A field of protocol buffers has the number 0.')
    return true
  }

  /** A message within this one. Undefined: the field is written as something else, and was skipped. */
  message(): ProtobufReader | undefined {
    const start = this.#delimited()
    return start === undefined ? undefined : new ProtobufReader(this.#bytes, start, this.#at)
  }

  /** Undefined: it is no text, or longer than `mostBytes`. */
  text(mostBytes: number): string | undefined {
    const start = this.#delimited()
    if (start === undefined || this.#at - start > mostBytes) return undefined
    return this.#bytes.toString('utf8', start, this.#at)
  }

  double(): number | undefined {
    const at = this.#fixed64()
    return at === undefined ? undefined : this.#bytes.readDoubleLE(at)
  }

  /** An sfixed64; beyond 2^53 the nearest number. */
  int64(): number | undefined {
    const at = this.#fixed64()
    return at === undefined ? undefined : this.#bytes.readInt32LE(at + 4) * TWO_32 + this.#bytes.readUInt32LE(at)
  }

  skip(): void {
    switch (this.#wireType) {
      case wireTypes.varint:
        this.#varint()
        return
      case wireTypes.fixed64:
        this.#pass(8)
        return
      case wireTypes.bytes:
        this.#pass(this.#varint())
        return
      case wireTypes.fixed32:
        this.#pass(4)
        return
      default:
        throw new DecodeError(`A field of protocol buffers has the wire type ${this.#wireType}.`)
    }
  }

  /** Where it starts; `#at` is its end then. */
  #delimited(): number | undefined {
    if (this.#wireType !== wireTypes.bytes) {
      this.skip()
      return undefined
    }
    const length = this.#varint()
    const start = this.#at
    this.#pass(length)
    return start
  }

  #fixed64(): number | undefined {
    const start = this.#at
    this.skip()
    return this.#wireType === wireTypes.fixed64 ? start : undefined
  }

  #pass(length: number): void {
    if (length > this.#end - this.#at) throw new DecodeError('A field of protocol buffers ends after its message.')
    this.#at += length
  }

  /** As a number: what is beyond 2^53 is no length and no tag that fits. */
  #varint(): number {
    let value = 0
    let scale = 1
    for (let read = 0; read < MOST_VARINT_BYTES; read++) {
      if (this.#at === this.#end) throw new DecodeError('A varint of protocol buffers ends after its message.')
      const byte = this.#bytes[this.#at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new DecodeError('A varint of protocol buffers has more than ten bytes.')
  }
}
