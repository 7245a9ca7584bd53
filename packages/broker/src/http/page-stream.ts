import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'

/** Characters that are sent at once. */
export const pieceSize = 64 * 1024

/** A page that is made while it is read: what reads slowly is waited for, and who leaves ends it. */
export function pageStream(pieces: AsyncGenerator<string, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done) controller.close()
      else controller.enqueue(Buffer.from(value))
    },
    async cancel() {
      await pieces.return()
    },
  })
}

/** `{"name":[…]}`, however long: others have their turn meanwhile. */
export function jsonList(name: string, items: Iterable<unknown>, clock: Clock): Response {
  return new Response(pageStream(piecesOf(name, items, clock)), { headers: { 'content-type': 'application/json' } })
}

async function* piecesOf(
  name: string,
  items: Iterable<unknown>,
  clock: Clock,
): AsyncGenerator<string, void, undefined> {
  const breath = new Breath(clock)
  let piece = `{${JSON.stringify(name)}:[`
  let between = ''
  for (const item of items) {
    piece += between + JSON.stringify(item)
    between = ','
    if (piece.length >= pieceSize) {
      yield piece
      piece = ''
    }
    if (breath.isDue) await breath.take()
  }
  yield `${piece}]}`
}
