import { crc32c } from '@rivven/protocol'

/** A fingerprint of everything that happened: two runs of a seed have the same, or something is not under control. */
export class TraceHash {
  #hash = 0

  add(at: number, label: string): void {
    this.#hash = crc32c(Buffer.from(`${at} ${label}`), this.#hash)
  }

  addBytes(label: string, bytes: Buffer): void {
    this.#hash = crc32c(bytes, crc32c(Buffer.from(label), this.#hash))
  }

  get value(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0')
  }
}
