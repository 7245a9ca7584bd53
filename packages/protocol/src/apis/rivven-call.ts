import { api, bytes, int16, int32, type RequestOf, type ResponseOf, string } from '../schema.js'

/**
 * Rivven's own API, for what Kafka's have no room for: what its HTTP says by a path, with JSON as the body, over the connection and with
 * the rights that a client has. Kafka has no API of this number, and brokers name it only to clients that call themselves `rivven`.
 */
export const RivvenCall = api({
  key: 20480,
  name: 'RivvenCall',
  versions: '0',
  flexible: '0+',
  request: {
    /** GET, or POST for what changes something. */
    method: string(),
    path: string(),
    body: bytes({ nullable: '0+', default: null }),
  },
  response: {
    throttleTimeMs: int32(),
    /** Of HTTP. */
    status: int16(),
    body: bytes({ nullable: '0+', default: null }),
  },
})
export type RivvenCallRequest = RequestOf<typeof RivvenCall>
export type RivvenCallResponse = ResponseOf<typeof RivvenCall>
