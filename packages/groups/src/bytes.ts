import { DecodeError, Reader as MessageReader, Writer as MessageWriter } from '@rivven/protocol'

/** Reads the fields of the consumer protocol and of coordinator records, with what these have beyond messages. */
export class Reader extends MessageReader {
  /** Elements one after the other; their count is never believed further than the bytes reach. */
  array<Element>(count: number, element: () => Element): Element[] {
    if (count < 0) throw new DecodeError(`an array of ${count} elements at byte ${this.position}`)
    return Array.from({ length: this.count(count, 1) }, element)
  }

  /** The section of tagged fields at the end of a flexible structure; calls `field` with the bytes of each. */
  taggedFields(field?: (tag: number, bytes: Buffer) => void): void {
    for (let left = this.uvarint(); left > 0; left--) {
      const tag = this.uvarint()
      const bytes = this.slice(this.uvarint())
      field?.(tag, bytes)
    }
  }
}

/** Writes the same fields, one call after the other. */
export class Writer {
  readonly #out: MessageWriter

  constructor(size = 64) {
    this.#out = new MessageWriter(size)
  }

  int16(value: number): this {
    this.#out.int16(value)
    return this
  }

  int32(value: number): this {
    this.#out.int32(value)
    return this
  }

  int64(value: number): this {
    this.#out.int64(value)
    return this
  }

  uvarint(value: number): this {
    this.#out.uvarint(value)
    return this
  }

  string(text: string | null): this {
    this.#out.nullableString(text)
    return this
  }

  compactString(text: string | null): this {
    this.#out.nullableCompactString(text)
    return this
  }

  bytes(bytes: Buffer | null): this {
    this.#out.bytes(bytes)
    return this
  }

  raw(bytes: Buffer): this {
    this.#out.raw(bytes)
    return this
  }

  array<Element>(elements: readonly Element[], write: (element: Element) => void): this {
    this.int32(elements.length)
    for (const element of elements) write(element)
    return this
  }

  done(): Buffer {
    return this.#out.whole()
  }
}
