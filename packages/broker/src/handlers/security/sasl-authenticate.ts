import { ErrorCode, SaslAuthenticate } from '@rivven/protocol'
import { handler } from '../handler.js'

/** This listener has no SASL; the connection stays (data-plane.md §16.1). */
export const handleSaslAuthenticate = handler(SaslAuthenticate, () => ({
  errorCode: ErrorCode.ILLEGAL_SASL_STATE,
  errorMessage: 'This listener has no SASL: connect without it.',
}))
