import { crc32c } from '@rivven/protocol'

const moment = new Float64Array(1)
const halves = new Int32Array(moment.buffer)

/** A fingerprint of everything that happened: two runs of a seed have the same, or something is not under control. */
export class TraceHash {
  #hash = 0

  /** Taken at each step of a run: nothing is encoded for it. */
  add(at: number, label: string): void {
    moment[0] = at
    this.#mix(halves[0]!)
    this.#mix(halves[1]!)
    for (let index = 0; index < label.length; index++) this.#mix(label.charCodeAt(index))
  }

  addBytes(sender: number, bytes: Buffer): void {
    this.#mix(sender)
    this.#mix(crc32c(bytes))
  }

  get value(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0')
  }

  #mix(word: number): void {
    const mixed = Math.imul(this.#hash ^ word, 0x85ebca6b)
    this.#hash = mixed ^ (mixed >>> 15)
  }
}
