import type { Chance } from './chance.js'

export interface Material {
  readonly chance: Chance
  /** Another valid input. */
  other(): Buffer
  readonly words: readonly Buffer[]
}

/** Makes another input; the given one may be written to. */
export type Change = (input: Buffer, material: Material) => Buffer

/** Where counts, lengths, offsets and codes have their limits. */
const numbers = [
  0,
  1,
  -1,
  -2,
  2,
  7,
  8,
  9,
  16,
  127,
  128,
  255,
  256,
  32_767,
  32_768,
  -32_768,
  65_535,
  65_536,
  100_000,
  0x7fffffff,
  -0x80000000,
  0x7ffffffe,
  104_857_600,
  2 ** 24,
  2 ** 30,
]
const longs = [
  2n ** 53n,
  2n ** 53n - 1n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  -1n,
  0n,
  2n ** 62n,
]
const varints = [
  '00',
  '01',
  '02',
  '7f',
  '8001',
  'ff7f',
  'ffff03',
  'ffffffff07',
  'ffffffff0f',
  'feffffff0f',
  '808080808000',
  'ffffffffffffffffff01',
  '80',
].map((hex) => Buffer.from(hex, 'hex'))
const doubles = [Number.NaN, Number.POSITIVE_INFINITY, -0, 1e308, 2 ** 53, -1, 0.5, 1e9]
const texts = [
  '',
  '0',
  '-1',
  '9223372036854775807',
  '1e999',
  'NaN',
  '\0',
  '\u{10ffff}',
  '"',
  '\\',
  ',',
  '=',
  ':',
  '[',
  '{',
  '__proto__',
  '%00',
  '\n',
].map((text) => Buffer.from(text))

/** A place, from the front, from the end or anywhere. */
function placeIn(length: number, chance: Chance): number {
  const kind = chance.below(8)
  if (kind === 0) return Math.min(length, chance.below(8))
  if (kind === 1) return Math.max(0, length - chance.below(8))
  return chance.below(length + 1)
}

function put(input: Buffer, at: number, bytes: Buffer): Buffer {
  bytes.copy(input, at)
  return input
}

function insert(input: Buffer, at: number, bytes: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)])
}

/** Over what is there, or between it. */
function place(input: Buffer, bytes: Buffer, chance: Chance): Buffer {
  const at = placeIn(input.length, chance)
  return chance.oneIn(3) ? insert(input, at, bytes) : put(input, at, bytes)
}

/** Up to 32 bytes of another one, or all of it. */
function piece(bytes: Buffer, chance: Chance): Buffer {
  if (bytes.length === 0 || chance.oneIn(16)) return bytes
  const from = chance.below(bytes.length)
  return bytes.subarray(from, from + 1 + chance.below(Math.min(32, bytes.length - from)))
}

function flipBit(input: Buffer, { chance }: Material): Buffer {
  if (input.length > 0) input[chance.below(input.length)]! ^= 1 << chance.below(8)
  return input
}

function setByte(input: Buffer, { chance }: Material): Buffer {
  if (input.length > 0) input[chance.below(input.length)] = chance.oneIn(2) ? chance.next() : chance.pick(numbers)
  return input
}

function addToByte(input: Buffer, { chance }: Material): Buffer {
  if (input.length > 0) input[chance.below(input.length)]! += chance.below(9) - 4
  return input
}

function setNumber(input: Buffer, { chance }: Material): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  const number = chance.pick(numbers)
  if (chance.oneIn(4)) bytes.writeInt32LE(number)
  else bytes.writeInt32BE(number)
  return place(input, chance.oneIn(2) ? bytes : bytes.subarray(2), chance)
}

function setLong(input: Buffer, { chance }: Material): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(chance.pick(longs))
  return place(input, bytes, chance)
}

function setDouble(input: Buffer, { chance }: Material): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  if (chance.oneIn(2)) bytes.writeDoubleLE(chance.pick(doubles))
  else bytes.writeDoubleBE(chance.pick(doubles))
  return place(input, bytes, chance)
}

function setVarint(input: Buffer, { chance }: Material): Buffer {
  return place(input, chance.pick(varints), chance)
}

function setWord(input: Buffer, { chance, words }: Material): Buffer {
  return place(input, chance.pick(words.length > 0 && !chance.oneIn(8) ? words : texts), chance)
}

function cutOut(input: Buffer, { chance }: Material): Buffer {
  const from = placeIn(input.length, chance)
  const to = Math.min(input.length, from + 1 + chance.below(chance.oneIn(4) ? input.length + 1 : 8))
  return Buffer.concat([input.subarray(0, from), input.subarray(to)])
}

function cutShort(input: Buffer, { chance }: Material): Buffer {
  return input.subarray(0, placeIn(input.length, chance))
}

function double(input: Buffer, { chance }: Material): Buffer {
  return insert(input, placeIn(input.length, chance), Buffer.from(piece(input, chance)))
}

function splice(input: Buffer, { chance, other }: Material): Buffer {
  return place(input, piece(other(), chance), chance)
}

/** The front of one, the rest of another. */
function cross(input: Buffer, { chance, other }: Material): Buffer {
  const rest = other()
  const at = placeIn(input.length, chance)
  return Buffer.concat([input.subarray(0, at), rest.subarray(chance.oneIn(2) ? at : placeIn(rest.length, chance))])
}

export const changes: readonly Change[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  addToByte,
  setNumber,
  setNumber,
  setLong,
  setDouble,
  setVarint,
  setVarint,
  setWord,
  setWord,
  cutOut,
  cutShort,
  double,
  splice,
  cross,
]
