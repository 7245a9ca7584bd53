/** Writes values of X.690, as far as certificates need them. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content])
}

/** From 128 on the length has bytes of its own, and the first says how many. */
function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.of(length)
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff)
}

export function sequence(...values: readonly Uint8Array[]): Buffer {
  return der(0x30, ...values)
}

export function set(...values: readonly Uint8Array[]): Buffer {
  return der(0x31, ...values)
}

/** A value in a place of a structure that is known by its number. */
export function tagged(number: number, ...values: readonly Uint8Array[]): Buffer {
  return der(0xa0 | number, ...values)
}

/** `2.5.4.3`: the first two numbers share a byte, the others have seven bits a byte, all but the last of them marked. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(arcBytes)]))
}

function arcBytes(arc: number): number[] {
  const bytes = [arc & 0x7f]
  for (let left = arc >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80)
  return bytes
}

/** Of bytes that are a positive number: their first bit is 0. */
export function integer(...bytes: readonly number[]): Buffer {
  return der(0x02, Uint8Array.from(bytes))
}

export const yes = der(0x01, Buffer.of(0xff))

export function octets(content: Uint8Array): Buffer {
  return der(0x04, content)
}

/** `unused` bits at its end mean nothing. */
export function bits(content: Uint8Array, unused = 0): Buffer {
  return der(0x03, Buffer.of(unused), content)
}

export function utf8(text: string): Buffer {
  return der(0x0c, Buffer.from(text))
}

/** `YYMMDDhhmmssZ`, years 1950 to 2049. */
export function utcTime(text: string): Buffer {
  return der(0x17, Buffer.from(text))
}
