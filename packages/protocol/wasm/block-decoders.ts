// The inner loops of LZ4, Snappy and xxHash32, in AssemblyScript: TypeScript with machine types, for WebAssembly. `npm run
// wasm` compiles this file into src/records/compression/wasm-code.ts, which is committed, so that a build needs no compiler.
//
// Memory: the caller puts a block at `from`..`fromEnd` and takes its content from `to` on, which may go up to `toEnd`. Copies
// move sixteen bytes at a time: up to SLACK bytes behind both ends are read or written as well, and nothing else, as each
// length is checked before it is used.

/** The block is not one. */
export const CORRUPT: i32 = -1
/** The content does not fit between `to` and `toEnd`. */
export const NO_ROOM: i32 = -2

export const SLACK: i32 = 32

/** Decodes one LZ4 block (LZ4 block format); returns how many bytes came out, or CORRUPT or NO_ROOM. */
export function lz4(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  let at = from
  let out = to
  while (at < fromEnd) {
    const token = load<u8>(at++) as usize

    let literals = token >> 4
    if (literals === 15) {
      let more: usize = 255
      while (more === 255) {
        if (at >= fromEnd) return CORRUPT
        more = load<u8>(at++) as usize
        literals += more
      }
    }
    if (literals > fromEnd - at) return CORRUPT
    if (literals > toEnd - out) return NO_ROOM
    copy(at, out, literals)
    at += literals
    out += literals
    // The last sequence has no match.
    if (at === fromEnd) return (out - to) as i32

    if (fromEnd - at < 2) return CORRUPT
    const distance = load<u16>(at) as usize
    at += 2
    if (distance === 0 || distance > out - to) return CORRUPT
    let length = token & 15
    if (length === 15) {
      let more: usize = 255
      while (more === 255) {
        if (at >= fromEnd) return CORRUPT
        more = load<u8>(at++) as usize
        length += more
      }
    }
    length += 4
    if (length > toEnd - out) return NO_ROOM
    repeat(out, distance, length)
    out += length
  }
  return CORRUPT
}

/** Decodes the elements of a Snappy block, which begin behind its size (Snappy format); returns as `lz4` does. */
export function snappy(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  let at = from
  let out = to
  while (at < fromEnd) {
    const tag = load<u8>(at++) as usize
    const kind = tag & 3
    let length = (tag >> 2) + 1
    if (kind === 0) {
      if (length > 60) {
        const sizeBytes = length - 60
        if (sizeBytes > fromEnd - at) return CORRUPT
        // Reads up to three bytes too many, of the block or of the slack.
        length = ((load<u32>(at) as usize) & ((0xffffffff as usize) >> (32 - 8 * sizeBytes))) + 1
        at += sizeBytes
        // 2^32 has become 0.
        if (length === 0) return CORRUPT
      }
      if (length > fromEnd - at) return CORRUPT
      if (length > toEnd - out) return NO_ROOM
      copy(at, out, length)
      at += length
      out += length
      continue
    }
    const distanceBytes: usize = kind === 3 ? 4 : kind
    if (distanceBytes > fromEnd - at) return CORRUPT
    let distance: usize
    if (kind === 1) {
      length = ((tag >> 2) & 7) + 4
      distance = ((tag >> 5) << 8) | (load<u8>(at) as usize)
    } else if (kind === 2) distance = load<u16>(at) as usize
    else distance = load<u32>(at) as usize
    at += distanceBytes
    if (distance === 0 || distance > out - to) return CORRUPT
    if (length > toEnd - out) return NO_ROOM
    repeat(out, distance, length)
    out += length
  }
  return (out - to) as i32
}

/** Copies sixteen bytes at a time: the places are at least so far apart, if `from` is the lower one. */
function copy(from: usize, to: usize, count: usize): void {
  const end = to + count
  while (to < end) {
    v128.store(to, v128.load(from))
    from += 16
    to += 16
  }
}

/** Writes again what stands `distance` bytes before `out`; where that is less than `count`, it comes more than once. */
function repeat(out: usize, distance: usize, count: usize): void {
  const end = out + count
  let from = out - distance
  if (distance >= 16) {
    copy(from, out, count)
    return
  }
  // Byte by byte until what is repeated is at least eight bytes long; whole repetitions may be skipped.
  let far = distance
  while (far < 8) {
    for (let index: usize = 0; index < distance; index++) store<u8>(out++, load<u8>(from++))
    far += distance
  }
  from = out - far
  while (out < end) {
    store<u64>(out, load<u64>(from))
    out += 8
    from += 8
  }
}

const PRIME_1: u32 = 0x9e3779b1
const PRIME_2: u32 = 0x85ebca77
const PRIME_3: u32 = 0xc2b2ae3d
const PRIME_4: u32 = 0x27d4eb2f
const PRIME_5: u32 = 0x165667b1

/** xxHash32 with seed 0, which LZ4 frames carry of their header and, some, of their blocks. */
export function xxhash32(from: usize, fromEnd: usize): u32 {
  let at = from
  let hash = PRIME_5
  if (fromEnd - from >= 16) {
    let a = PRIME_1 + PRIME_2
    let b = PRIME_2
    let c: u32 = 0
    let d = 0 - PRIME_1
    for (; fromEnd - at >= 16; at += 16) {
      a = lane(a, load<u32>(at))
      b = lane(b, load<u32>(at + 4))
      c = lane(c, load<u32>(at + 8))
      d = lane(d, load<u32>(at + 12))
    }
    hash = rotl<u32>(a, 1) + rotl<u32>(b, 7) + rotl<u32>(c, 12) + rotl<u32>(d, 18)
  }
  hash += (fromEnd - from) as u32
  for (; fromEnd - at >= 4; at += 4) hash = rotl<u32>(hash + load<u32>(at) * PRIME_3, 17) * PRIME_4
  for (; at < fromEnd; at++) hash = rotl<u32>(hash + (load<u8>(at) as u32) * PRIME_5, 11) * PRIME_1
  hash = (hash ^ (hash >> 15)) * PRIME_2
  hash = (hash ^ (hash >> 13)) * PRIME_3
  return hash ^ (hash >> 16)
}

function lane(sum: u32, word: u32): u32 {
  return rotl<u32>(sum + word * PRIME_2, 13) * PRIME_1
}
