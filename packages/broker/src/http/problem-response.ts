import type { Clock } from '@rivven/runtime'
import { jsonPieces } from '../api/json-pieces.js'
import type { Problem, Reply } from '../api/problem.js'
import { Breath } from '../breath.js'
import { pageStream, pieceSize } from './page-stream.js'

/** RFC 9457. */
export function problemResponse(problem: Problem): Response {
  const { status, body } = problem.reply
  const { allow } = problem.facts
  const headers = { 'content-type': 'application/problem+json', ...(typeof allow === 'string' && { allow }) }
  return new Response(JSON.stringify(body), { status, headers })
}

/** What the API says, made while it is read: others have their turn meanwhile. */
export function apiResponse({ status, body }: Reply, clock: Clock): Response {
  if (Buffer.isBuffer(body)) return new Response(new Uint8Array(body), { status, headers: bytesHeaders })
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  return new Response(pageStream(largePieces(body, clock)), { status, headers: { 'content-type': type } })
}

/** No browser shows what somebody has written into a record. */
const bytesHeaders = { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' }

async function* largePieces(body: unknown, clock: Clock): AsyncGenerator<string, void, undefined> {
  const breath = new Breath(clock)
  let piece = ''
  for (const part of jsonPieces(body)) {
    piece += part
    if (piece.length >= pieceSize) {
      yield piece
      piece = ''
    }
    if (breath.isDue) await breath.take()
  }
  yield piece
}
