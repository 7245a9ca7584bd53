import { type Api, decodeRequest, decodeRequestInParts, type RequestHeader, TooManyElements } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'

/** A request of up to so many elements is read at once: in a millisecond or two. */
const FEW_ELEMENTS = 2_000

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
    return decodeRequest(api, apiVersion, frame, bodyOffset, Math.min(limit, FEW_ELEMENTS))
  } catch (error) {
    if (!(error instanceof TooManyElements) || limit <= FEW_ELEMENTS) throw error
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
