import { decodeRequest, ErrorCode, encodeResponse, type RequestHeader, SaslAuthenticate } from '@rivven/protocol'
import type { SaslMechanism } from '../../security/sasl/mechanism.js'
import type { SaslServer, SaslStep } from '../../security/sasl/sasl-server.js'
import type { Frame } from '../flights.js'

const SIZE_BYTES = 4
/** SaslAuthenticate has no lists. */
const MAX_ELEMENTS = 1

/**
 * One login under way. Its tokens come in SaslAuthenticate; behind SaslHandshake version 0 a frame is the token itself, and
 * so is its answer (security.md §3.3).
 */
export class Login {
  readonly mechanism: SaslMechanism
  readonly isBare: boolean
  readonly #server: SaslServer

  constructor(server: SaslServer, { mechanism, isBare }: { mechanism: SaslMechanism; isBare: boolean }) {
    this.mechanism = mechanism
    this.isBare = isBare
    this.#server = server
  }

  /** Hands the next token on. Throws DecodeError. */
  take(frame: Buffer, header?: RequestHeader): SaslStep | Promise<SaslStep> {
    if (!header) return this.#server.next(frame)
    const { authBytes } = decodeRequest(SaslAuthenticate, header.apiVersion, frame, header.bodyOffset, MAX_ELEMENTS)
    return this.#server.next(authBytes)
  }

  /** What is sent back for a step; a failure without headers is told by the end of the connection alone. */
  answer(step: SaslStep, sessionLifetimeMs: number, header?: RequestHeader): Frame {
    const token = Buffer.from(step.kind === 'failed' ? '' : step.token)
    if (!header) return step.kind === 'failed' ? [] : [sized(token)]
    const isFailed = step.kind === 'failed'
    return encodeResponse(SaslAuthenticate, header.apiVersion, header.correlationId, {
      errorCode: isFailed ? ErrorCode.SASL_AUTHENTICATION_FAILED : ErrorCode.NONE,
      errorMessage: isFailed ? step.text : '',
      authBytes: token,
      sessionLifetimeMs,
    })
  }
}

function sized(token: Buffer): Buffer {
  const frame = Buffer.alloc(SIZE_BYTES + token.length)
  frame.writeInt32BE(token.length)
  token.copy(frame, SIZE_BYTES)
  return frame
}
