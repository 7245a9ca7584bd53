const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

/** xxHash32 with seed 0 of the bytes from `start` to `end`, unsigned; LZ4 frames carry it. */
export function xxhash32(data: Buffer, start = 0, end = data.length): number {
  let at = start
  let hash = PRIME_5
  if (end - start >= 16) {
    let a = (PRIME_1 + PRIME_2) | 0
    let b = PRIME_2 | 0
    let c = 0
    let d = -PRIME_1 | 0
    for (; at + 16 <= end; at += 16) {
      a = lane(a, data.readInt32LE(at))
      b = lane(b, data.readInt32LE(at + 4))
      c = lane(c, data.readInt32LE(at + 8))
      d = lane(d, data.readInt32LE(at + 12))
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)
  }
  hash = (hash + (end - start)) | 0
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(data.readInt32LE(at), PRIME_3)) | 0, 17), PRIME_4)
  }
  for (; at < end; at++) hash = Math.imul(rotate((hash + Math.imul(data[at]!, PRIME_5)) | 0, 11), PRIME_1)
  return avalanche(hash)
}

function lane(accumulator: number, word: number): number {
  return Math.imul(rotate((accumulator + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function avalanche(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}
