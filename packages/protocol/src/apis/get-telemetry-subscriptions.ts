import { api, array, bool, int8, int16, int32, type RequestOf, type ResponseOf, string, uuid } from '../schema.js'

/** KIP-714: which of its metrics a client is asked for. */
export const GetTelemetrySubscriptions = api({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: '0',
  flexible: '0+',
  request: { clientInstanceId: uuid() },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    clientInstanceId: uuid(),
    subscriptionId: int32(),
    /** Numbers of codecs, the favourite first; uncompressed is always taken. */
    acceptedCompressionTypes: array(int8()),
    pushIntervalMs: int32(),
    telemetryMaxBytes: int32(),
    deltaTemporality: bool(),
    /** Beginnings of names; none: nothing is asked for; one that is empty: everything. */
    requestedMetrics: array(string()),
  },
})
export type GetTelemetrySubscriptionsRequest = RequestOf<typeof GetTelemetrySubscriptions>
export type GetTelemetrySubscriptionsResponse = ResponseOf<typeof GetTelemetrySubscriptions>
