// Hot path: every compressed batch that a broker checks or a client reads. WebAssembly, in memory that is used again: a byte of
// content costs 0.14-0.21 ns with LZ4 and 0.25-0.28 with Snappy, where native libraries that allocate for each block take
// 0.6-1.7 and 0.5-0.9; xxHash32 0.2 where JavaScript takes 3.7 (bench/micro/records.mjs). Source: packages/protocol/wasm.
import { WASM_CODE } from './wasm-code.js'

/** What is wrong with a block: its bytes, or it holds more than there was room for. */
export type BlockFault = 'corrupt' | 'noRoom'

/** The most that a block may have, and that may come out of one. */
export const MAX_BLOCK_BYTES = 4 * 1024 * 1024

/** Names of the source. */
interface Code {
  lz4(from: number, fromEnd: number, to: number, toEnd: number): number
  snappy(from: number, fromEnd: number, to: number, toEnd: number): number
  xxhash32(from: number, fromEnd: number): number
  readonly CORRUPT: { readonly value: number }
  readonly SLACK: { readonly value: number }
}

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** In all runtimes that we know, but not in the types of Node. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => Memory
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (module: object, imports: { env: { memory: Memory } }) => { readonly exports: unknown }
}

const PAGE_BYTES = 65_536

/** The compiled code with its memory, which grows to what the largest blocks need: 8 MiB at most. */
class BlockDecoders {
  readonly #memory = new WebAssembly.Memory({ initial: 3 })
  readonly #code: Code
  readonly #slack: number
  readonly #corrupt: number
  #bytes = new Uint8Array(this.#memory.buffer)

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(WASM_CODE, 'base64'))
    this.#code = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as Code
    this.#slack = this.#code.SLACK.value
    this.#corrupt = this.#code.CORRUPT.value
  }

  decode(format: 'lz4' | 'snappy', block: Uint8Array, room: number): Uint8Array | BlockFault {
    const from = 0
    const to = block.length + this.#slack
    this.#put(block, to + room + this.#slack)
    const count = this.#code[format](from, block.length, to, to + room)
    if (count < 0) return count === this.#corrupt ? 'corrupt' : 'noRoom'
    return this.#bytes.subarray(to, to + count)
  }

  xxhash32(data: Uint8Array): number {
    this.#put(data, data.length)
    return this.#code.xxhash32(0, data.length) >>> 0
  }

  #put(data: Uint8Array, needed: number): void {
    const missing = needed - this.#bytes.length
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES))
      this.#bytes = new Uint8Array(this.#memory.buffer)
    }
    this.#bytes.set(data)
  }
}

let decoders: BlockDecoders | undefined

function loaded(): BlockDecoders {
  decoders ??= new BlockDecoders()
  return decoders
}

/** The content of one LZ4 block that holds at most `room` bytes, in memory that the next call writes to. */
export function decodeLz4Block(block: Uint8Array, room: number): Uint8Array | BlockFault {
  return loaded().decode('lz4', block, room)
}

/** The same for the elements of a Snappy block, which follow its size. */
export function decodeSnappyBlock(elements: Uint8Array, room: number): Uint8Array | BlockFault {
  return loaded().decode('snappy', elements, room)
}

/** xxHash32 with seed 0, unsigned; LZ4 frames carry it. At most MAX_BLOCK_BYTES. */
export function xxhash32(data: Uint8Array): number {
  return loaded().xxhash32(data)
}
