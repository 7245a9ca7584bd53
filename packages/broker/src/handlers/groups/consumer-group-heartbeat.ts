import { ConsumerGroupHeartbeat, ErrorCode } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

/**
 * The consumer protocol (KIP-848) is not here, and that is the answer, as with a Kafka that has it switched off. Were the API
 * not named at all, librdkafka with group.protocol=consumer would look for another coordinator for ever, in silence.
 */
export const handleConsumerGroupHeartbeat = handler(ConsumerGroupHeartbeat, ({ groupId }, _services, context) => ({
  errorCode: denial(context, 'READ', 'GROUP', groupId) || ErrorCode.UNSUPPORTED_VERSION,
  errorMessage: 'This broker has no consumer protocol (KIP-848): set group.protocol to classic.',
}))
