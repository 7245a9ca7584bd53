import { ErrorCode, SaslHandshake } from '@rivven/protocol'
import { handler } from '../handler.js'

/** This listener has no SASL; the connection stays (data-plane.md §16.1). */
export const handleSaslHandshake = handler(SaslHandshake, () => ({
  errorCode: ErrorCode.ILLEGAL_SASL_STATE,
  mechanisms: [],
}))
