import { type Api, decodeRequest, decodeRequestInParts, type RequestHeader, TooManyElements } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { Breath, fewElements } from '../breath.js'

/**
 * The body of a request; a promise where it has many elements, which are read in stretches. Throws or rejects with
 * TooManyElements above `limit`, with DecodeError for what cannot be read.
 */
export function requestBody(
  api: Api,
  { apiVersion, bodyOffset }: RequestHeader,
  frame: Buffer,
  { limit, clock }: { limit: number; clock: Clock },
): unknown {
  try {
    return decodeRequest(api, apiVersion, frame, bodyOffset, Math.min(limit, fewElements))
  } catch (error) {
    if (!(error instanceof TooManyElements) || limit <= fewElements) throw error
    return inStretches(decodeRequestInParts(api, apiVersion, frame, bodyOffset, limit), clock)
  }
}

async function inStretches(decoding: Generator<undefined, unknown>, clock: Clock): Promise<unknown> {
  const breath = new Breath(clock)
  for (;;) {
    const { done, value } = decoding.next()
    if (done) return value
    if (breath.isDue) await breath.take()
  }
}
