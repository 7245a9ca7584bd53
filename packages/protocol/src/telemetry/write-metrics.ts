import { wireTypes } from './protobuf-reader.js'

/** What a client pushes: gauges of this moment, sums, and who it is. */
export interface MetricsToWrite {
  readonly attributes: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, number>>
  readonly sums?: SumsToWrite
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Counts that only grow. */
export interface SumsToWrite {
  readonly values: Readonly<Record<string, number>>
  /** From when they count, in milliseconds since 1970. */
  readonly since: number
  /** They count from the last push, not from the start of the client. */
  readonly isDelta: boolean
}

/** Numbers of AggregationTemporality. */
const temporality = { delta: 1, cumulative: 2 } as const

/** Writes MetricsData of OpenTelemetry (KIP-714) with one gauge or sum for each value. */
export function writeMetrics({ attributes, values, sums, now }: MetricsToWrite): Buffer {
  const ofResource = Object.entries(attributes).map(([key, value]) =>
    message(1, text(1, key), message(2, text(1, value))),
  )
  const time = fixed64(3, nanoseconds(now))
  const gauges = Object.entries(values).map(([name, value]) =>
    message(2, text(1, name), message(5, message(1, time, fixed64(4, double(value))))),
  )
  return message(1, message(1, ...ofResource), message(2, ...gauges, ...(sums ? sumMetrics(sums, time) : [])))
}

function sumMetrics({ values, since, isDelta }: SumsToWrite, time: Buffer): Buffer[] {
  const start = fixed64(2, nanoseconds(since))
  const kind = [number(2, isDelta ? temporality.delta : temporality.cumulative), number(3, 1)]
  return Object.entries(values).map(([name, value]) =>
    message(2, text(1, name), message(7, message(1, start, time, fixed64(4, double(value))), ...kind)),
  )
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([tag(field, wireTypes.varint), varint(value)])
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
