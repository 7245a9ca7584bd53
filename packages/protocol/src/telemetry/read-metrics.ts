import { ProtobufReader } from './protobuf-reader.js'

/** What a client tells in one push. */
export interface ToldMetrics {
  /** What the client says of itself, such as its group: attributes of the resource that are texts. */
  readonly attributes: ReadonlyMap<string, string>
  /** The first value of each metric that was wanted. NaN: the client has none. */
  readonly values: ReadonlyMap<string, number>
}

/** Names and values beyond this are no concern of ours. */
const MOST_TEXT_BYTES = 1024
/** A client has some five attributes. */
const MOST_ATTRIBUTES = 32

// Field numbers of opentelemetry/proto/metrics/v1, resource/v1 and common/v1 (1.x), as far as they are looked at.
const metricsData = { resourceMetrics: 1 }
const resourceMetrics = { resource: 1, scopeMetrics: 2 }
const resource = { attributes: 1 }
const keyValue = { key: 1, value: 2 }
const anyValue = { stringValue: 1 }
const scopeMetrics = { metrics: 2 }
const metric = { name: 1, gauge: 5, sum: 7 }
const numbers = { dataPoints: 1 }
const dataPoint = { asDouble: 4, asInt: 6 }

/**
 * Reads MetricsData of OpenTelemetry as clients push it (KIP-714): gauges and sums whose name `isWanted`; all other fields, known
 * and unknown, are passed over. It keeps no more than what is wanted and some attributes, whatever comes.
 * @throws DecodeError where the bytes are no messages of protocol buffers
 */
export function readMetrics(bytes: Buffer, isWanted: (name: string) => boolean): ToldMetrics {
  const told = { attributes: new Map<string, string>(), values: new Map<string, number>(), isWanted }
  eachMessage(new ProtobufReader(bytes), metricsData.resourceMetrics, (one) => readResourceMetrics(one, told))
  return told
}

interface Telling {
  readonly attributes: Map<string, string>
  readonly values: Map<string, number>
  readonly isWanted: (name: string) => boolean
}

function readResourceMetrics(reader: ProtobufReader, told: Telling): void {
  while (reader.next()) {
    if (reader.field === resourceMetrics.resource) {
      eachIn(reader, resource.attributes, (attribute) => readAttribute(attribute, told))
    } else if (reader.field === resourceMetrics.scopeMetrics) {
      eachIn(reader, scopeMetrics.metrics, (one) => readMetric(one, told))
    } else reader.skip()
  }
}

function readAttribute(reader: ProtobufReader, { attributes }: Telling): void {
  let key: string | undefined
  let value: string | undefined
  while (reader.next()) {
    if (reader.field === keyValue.key) key = reader.text(MOST_TEXT_BYTES)
    else if (reader.field === keyValue.value) {
      const content = reader.message()
      while (content?.next()) {
        if (content.field === anyValue.stringValue) value = content.text(MOST_TEXT_BYTES)
        else content.skip()
      }
    } else reader.skip()
  }
  if (key !== undefined && value !== undefined && attributes.size < MOST_ATTRIBUTES) attributes.set(key, value)
}

function readMetric(reader: ProtobufReader, { values, isWanted }: Telling): void {
  let name: string | undefined
  let value: number | undefined
  while (reader.next()) {
    if (reader.field === metric.name) name = reader.text(MOST_TEXT_BYTES)
    else if (reader.field === metric.gauge || reader.field === metric.sum) {
      eachIn(reader, numbers.dataPoints, (point) => {
        value ??= pointValue(point)
      })
    } else reader.skip()
  }
  if (name !== undefined && value !== undefined && isWanted(name) && !values.has(name)) values.set(name, value)
}

function pointValue(reader: ProtobufReader): number | undefined {
  let value: number | undefined
  while (reader.next()) {
    if (reader.field === dataPoint.asDouble) value = reader.double()
    else if (reader.field === dataPoint.asInt) value = reader.int64()
    else reader.skip()
  }
  return value
}

/** Of the message that the reader stands at. */
function eachIn(reader: ProtobufReader, field: number, read: (message: ProtobufReader) => void): void {
  const message = reader.message()
  if (message) eachMessage(message, field, read)
}

function eachMessage(reader: ProtobufReader, field: number, read: (message: ProtobufReader) => void): void {
  while (reader.next()) {
    if (reader.field === field) {
      const message = reader.message()
      if (message) read(message)
    } else reader.skip()
  }
}
