// Bytes of which no request can be made: the malformed-input table, rows 1-13.

export const int16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255])
export const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}
export const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** With the right length in front. */
export const frameOf = (...parts: Uint8Array[]) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([int32(body.length), body])
}

/** Header v1 of a request with a null client id. */
export const requestHeader = (apiKey: number, version: number, clientId: Buffer = int16(-1)) => [
  int16(apiKey),
  int16(version),
  int32(7),
  clientId,
]

const metadata = 3

export interface BadFrame {
  readonly row: number
  readonly name: string
  readonly bytes: Buffer
}

/** Each ends its own connection. */
export const badFrames: readonly BadFrame[] = [
  { row: 1, name: 'a negative frame length', bytes: int32(-1) },
  { row: 1, name: 'a frame length of 0', bytes: int32(0) },
  { row: 1, name: 'a frame length over socket.request.max.bytes', bytes: int32(104_857_601) },
  { row: 4, name: 'an HTTP request', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n') },
  { row: 4, name: 'a TLS hello on a plain listener', bytes: hex('16 03 01 00 c8 01 00 00 c4 03 03 00 01 02 03') },
  { row: 4, name: 'a PROXY header', bytes: Buffer.from('PROXY TCP4 10.0.0.1 10.0.0.2 5000 9092\r\n') },
  { row: 6, name: 'API key -1', bytes: frameOf(...requestHeader(-1, 0)) },
  { row: 6, name: 'API key 9999', bytes: frameOf(...requestHeader(9999, 0)) },
  { row: 6, name: 'a version above the highest', bytes: frameOf(...requestHeader(metadata, 99)) },
  { row: 6, name: 'a version below 0', bytes: frameOf(...requestHeader(metadata, -1)) },
  {
    row: 9,
    name: 'a client id longer than the frame',
    bytes: frameOf(...requestHeader(metadata, 1, Buffer.concat([int16(500), Buffer.from('x')]))),
  },
  {
    row: 10,
    name: 'more tagged fields than any frame holds',
    bytes: frameOf(...requestHeader(metadata, 9), hex('ff ff ff ff 0f')),
  },
  {
    row: 10,
    name: 'a tagged field that goes past the end',
    bytes: frameOf(...requestHeader(metadata, 9), hex('01 05 7f 00')),
  },
  {
    row: 11,
    name: 'an array of 2^31-1 elements',
    bytes: frameOf(...requestHeader(metadata, 1), int32(0x7fffffff), hex('00000000')),
  },
  {
    row: 11,
    name: 'a compact array of 2^31-1 elements',
    bytes: frameOf(...requestHeader(metadata, 9), hex('00 ff ff ff ff 07 00 00')),
  },
  {
    row: 11,
    name: 'a null array where none may be',
    bytes: frameOf(...requestHeader(19, 2), int32(-1), int32(1000), hex('00')),
  },
  {
    row: 12,
    name: 'a string that goes past the end',
    bytes: frameOf(...requestHeader(metadata, 1), int32(1), int16(300), Buffer.from('short')),
  },
  {
    row: 12,
    name: 'a negative string length where null may not be',
    bytes: frameOf(...requestHeader(metadata, 1), int32(1), int16(-1)),
  },
  {
    row: 13,
    name: 'a varint of six bytes',
    bytes: frameOf(...requestHeader(metadata, 9), hex('00 80 80 80 80 80 01 00 00 00')),
  },
  { row: 13, name: 'a varint that never ends', bytes: frameOf(...requestHeader(metadata, 9), hex('00 ff ff ff ff')) },
]
