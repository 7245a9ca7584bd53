import { api, bool, bytes, int8, int16, int32, type RequestOf, type ResponseOf, uuid } from '../schema.js'

/** KIP-714: metrics that a client was asked for. */
export const PushTelemetry = api({
  key: 72,
  name: 'PushTelemetry',
  versions: '0',
  flexible: '0+',
  request: {
    clientInstanceId: uuid(),
    subscriptionId: int32(),
    /** The client ends: it comes before its time, and no other follows. */
    terminating: bool(),
    /** Number of the codec. */
    compressionType: int8(),
    /** MetricsData of OpenTelemetry (telemetry/read-metrics.ts). */
    metrics: bytes(),
  },
  response: { throttleTimeMs: int32(), errorCode: int16() },
})
export type PushTelemetryRequest = RequestOf<typeof PushTelemetry>
export type PushTelemetryResponse = ResponseOf<typeof PushTelemetry>
