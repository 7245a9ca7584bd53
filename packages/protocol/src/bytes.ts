// Hot path: every message goes through here. Numbers are read with shifts and Buffer's own methods, int64 as two halves
// (8 ns against 34 ns for BigInt); nothing allocates but what the message itself needs.

/** Bytes that are no message of the version they claim. The connection they came from cannot go on. */
export class DecodeError extends Error {}

/** A sound message, as far as it was read, whose arrays have more elements in all than the reader takes. */
export class TooManyElements extends DecodeError {}

export const TWO_32 = 4_294_967_296

/** Stands for 2^63-1, which messages use for "no limit"; as a number it is 2^63. */
export const INT64_MAX = 2 ** 63

/** Bytes of a frame that are not in memory yet: whoever sends the frame reads them when it is their turn. */
export interface LaterBytes {
  readonly length: number
  /** Fills `target` with the bytes from `position` on. Rejects where they cannot be had. */
  read(position: number, target: Uint8Array): Promise<void>
  /** Called once, when nothing more will be read. */
  release(): void
}

/** A piece of a frame. */
export type FrameChunk = Buffer | LaterBytes

export function isLater(chunk: FrameChunk): chunk is LaterBytes {
  return !(chunk instanceof Uint8Array)
}

/** Record batches: one buffer, or the pieces of one as a log keeps them; decoding gives a Buffer or null. */
export type RecordData = Buffer | readonly FrameChunk[] | null

/** Record data or a frame in one piece; none for null. All of it must be in memory. */
export function contiguous(data: RecordData): Buffer {
  if (data === null) return Buffer.alloc(0)
  if (Buffer.isBuffer(data)) return data
  if (data.some(isLater)) throw new TypeError('Bytes that are to be read later cannot be joined')
  return data.length === 1 ? (data[0] as Buffer) : Buffer.concat(data as Buffer[])
}

/** Bytes of a string; refuses one that the protocol has no room for. */
export function textLength(value: string, Failure: new (message: string) => Error = RangeError): number {
  const length = Buffer.byteLength(value)
  if (length > 32_767)
    throw new Failure(`A string of ${length} bytes: 32,767 are the most that the protocol has room for`)
  return length
}
