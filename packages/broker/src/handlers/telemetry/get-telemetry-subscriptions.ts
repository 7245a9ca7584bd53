import { codecNumber, ErrorCode, GetTelemetrySubscriptions } from '@rivven/protocol'
import { askedMetrics } from '../../telemetry/asked-metrics.js'
import { PUSH_INTERVAL_MS } from '../../telemetry/client-instance.js'
import { MOST_PUSHED_BYTES } from '../../telemetry/client-telemetry.js'
import { handler } from '../handler.js'

/** What every broker can read comes first: other codecs may want a package. */
const acceptedCompressionTypes = (['gzip', 'lz4', 'zstd'] as const).map(codecNumber)

export const handleGetTelemetrySubscriptions = handler(GetTelemetrySubscriptions, (request, { clientTelemetry }) => {
  const { errorCode, clientInstanceId, subscriptionId } = clientTelemetry.ask(request.clientInstanceId)
  if (errorCode !== ErrorCode.NONE) return { errorCode }
  return {
    clientInstanceId,
    subscriptionId,
    acceptedCompressionTypes,
    pushIntervalMs: PUSH_INTERVAL_MS,
    telemetryMaxBytes: MOST_PUSHED_BYTES,
    deltaTemporality: true,
    requestedMetrics: askedMetrics,
  }
})
