import { wireTypes } from './protobuf-reader.js'

/** What a client pushes: gauges of this moment, and who it is. */
export interface MetricsToWrite {
  readonly attributes: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, number>>
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Writes MetricsData of OpenTelemetry (KIP-714) with one gauge for each value. */
export function writeMetrics({ attributes, values, now }: MetricsToWrite): Buffer {
  const ofResource = Object.entries(attributes).map(([key, value]) =>
    message(1, text(1, key), message(2, text(1, value))),
  )
  const time = fixed64(3, nanoseconds(now))
  const metrics = Object.entries(values).map(([name, value]) =>
    message(2, text(1, name), message(5, message(1, time, fixed64(4, double(value))))),
  )
  return message(1, message(1, ...ofResource), message(2, ...metrics))
}

function message(field: number, ...parts: readonly Buffer[]): Buffer {
  return delimited(field, Buffer.concat(parts))
}

function text(field: number, value: string): Buffer {
  return delimited(field, Buffer.from(value))
}

function delimited(field: number, content: Buffer): Buffer {
  return Buffer.concat([tag(field, wireTypes.bytes), varint(content.length), content])
}

function fixed64(field: number, content: Buffer): Buffer {
  return Buffer.concat([tag(field, wireTypes.fixed64), content])
}

function tag(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType)
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

function nanoseconds(ms: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(Math.round(ms)) * 1_000_000n)
  return bytes
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80)
  return Buffer.from([...bytes, left])
}
