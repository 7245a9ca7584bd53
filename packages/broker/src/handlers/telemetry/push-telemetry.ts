import { PushTelemetry } from '@rivven/protocol'
import { handler } from '../handler.js'
import { mayOnGroup } from '../rights/denial.js'

/** As in Kafka anybody may push; but what is told of a group counts only from those who may be its members. */
export const handlePushTelemetry = handler(PushTelemetry, (request, { clientTelemetry }, context) => ({
  errorCode: clientTelemetry.push(request, (groupId) => mayOnGroup(context, 'READ', groupId)),
}))
