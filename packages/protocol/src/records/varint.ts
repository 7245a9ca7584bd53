// Hot path: these run for every record, 2.9 ns a varint (bench/micro/records.mjs). The readers leave the place after the
// varint in `varintEnd`: as fast as an object with both once V8 inlines it (2.9 ns too), and no garbage where it does not.

/** Where the varint read last ended; -1: it does not end in time or is too long. */
export let varintEnd = 0

/** A zig-zag varint of at most 5 bytes that ends before `end`. */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  if (end - at >= 2) {
    const first = bytes[at]!
    if (first < 0x80) {
      varintEnd = at + 1
      return (first >>> 1) ^ -(first & 1)
    }
    const second = bytes[at + 1]!
    if (second < 0x80) {
      varintEnd = at + 2
      return (((second << 7) | (first & 0x7f)) >>> 1) ^ -(first & 1)
    }
  }
  return readLongVarint(bytes, at, end)
}

function readLongVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    if (at >= end) break
    const byte = bytes[at++]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      varintEnd = at
      return (value >>> 1) ^ -(value & 1)
    }
  }
  varintEnd = -1
  return 0
}

/** A zig-zag varlong of at most 10 bytes that ends before `end`; exact within ±(2^53-1), beyond it stays beyond. */
export function readVarlong(bytes: Uint8Array, at: number, end: number): number {
  // Most timestamps are within 8 s of the first.
  if (end - at >= 2 && (bytes[at]! < 0x80 || bytes[at + 1]! < 0x80)) return readVarint(bytes, at, end)
  let low = 0
  let high = 0
  for (let index = 0; index < 10; index++) {
    if (at >= end) break
    const byte = bytes[at++]!
    const bits = byte & 0x7f
    if (index < 4) low |= bits << (index * 7)
    else if (index === 4) {
      low |= bits << 28
      high = bits >>> 4
    } else high |= bits << (index * 7 - 32)
    if (byte < 0x80) {
      varintEnd = at
      return unzigzag(low, high)
    }
  }
  varintEnd = -1
  return 0
}

function unzigzag(low: number, high: number): number {
  const magnitude = (high >>> 1) * 4294967296 + (((low >>> 1) | (high << 31)) >>> 0)
  return low & 1 ? -magnitude - 1 : magnitude
}

export function sizeOfVarint(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x200000 ? 3 : zigzag < 0x10000000 ? 4 : 5
}

export function sizeOfVarlong(value: number): number {
  if (value >= -0x40000000 && value < 0x40000000) return sizeOfVarint(value)
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  let size = 1
  for (; rest >= 128; size++) rest = Math.floor(rest / 128)
  return size
}

/** Writes a zig-zag varint and returns where it ended. */
export function writeVarint(bytes: Uint8Array, value: number, at: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

/** Writes a zig-zag varlong and returns where it ended. */
export function writeVarlong(bytes: Uint8Array, value: number, at: number): number {
  if (value >= -0x40000000 && value < 0x40000000) return writeVarint(bytes, value, at)
  let { rest, high } = zigzag(value)
  while (high !== 0 || rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest = ((rest >>> 7) | (high << 25)) >>> 0
    high >>>= 7
  }
  bytes[at++] = rest
  return at
}

function zigzag(value: number): { rest: number; high: number } {
  const magnitude = value < 0 ? -value - 1 : value
  const high = Math.floor(magnitude / 4294967296)
  const low = magnitude - high * 4294967296
  return { rest: ((low << 1) | (value < 0 ? 1 : 0)) >>> 0, high: ((high << 1) | (low >>> 31)) >>> 0 }
}
