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
