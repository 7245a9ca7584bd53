import {
  type Api,
  encodeResponse,
  Fetch,
  type FetchResponse,
  type FrameChunk,
  LargeMessage,
  type LaterBytes,
  responseChunks,
  responseInParts,
} from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { Breath, fewElements } from '../breath.js'
import { readBuffers } from '../read-buffers.js'

/** An answer of up to so many bytes is made in one turn, in some milliseconds. */
const ONE_TURN_BYTES = 128 * 1024
/**
 * One of up to so many bytes is held as a whole: the objects that it is made of take two to seven times as much (100,000
 * elements: 7 to 18 MiB), and a larger one keeps these until it is sent.
 */
const WHOLE_BYTES = 4 * 1024 * 1024
/** Nobody reads larger ones: librdkafka takes 100 MB, and no list of names within the limits needs as much. */
const MOST_BYTES = 256 * 1024 * 1024
const SIZE_BYTES = 4

export interface Answer {
  readonly api: Api
  readonly apiVersion: number
  readonly correlationId: number
  /** Must not change until it is sent. */
  readonly message: object
}

/**
 * The frame of an answer, to be sent. A large one is made in several turns; one above 4 MiB piece by piece as the peer reads
 * it, so that it never is in memory as a whole: what it says may stand in it a thousand times (DescribeGroups, OffsetFetch).
 * Its size is found out before; `isWanted` tells whether somebody waits for it still. Throws or rejects with LargeMessage
 * beyond all bounds.
 */
export function answerFrame(
  answer: Answer,
  clock: Clock,
  isWanted: () => boolean,
): readonly FrameChunk[] | Promise<readonly FrameChunk[]> {
  const { api, apiVersion, correlationId, message } = answer
  // Its records stay where they are, and it is bounded by fetch.max.bytes.
  if (api.key === Fetch.key)
    return partitionCount(message) > fewElements ? fetchFrame(answer, clock) : wholeFrame(answer)
  try {
    return encodeResponse(api, apiVersion, correlationId, message, ONE_TURN_BYTES)
  } catch (error) {
    if (error instanceof LargeMessage) return frameInParts(answer, clock, isWanted)
    throw error
  }
}

function wholeFrame({ api, apiVersion, correlationId, message }: Answer): readonly FrameChunk[] {
  return encodeResponse(api, apiVersion, correlationId, message)
}

function partitionCount(message: Partial<FetchResponse>): number {
  let count = 0
  for (const { partitions } of message.responses ?? []) count += partitions.length
  return count
}

/** Also when nobody is left to read it: what the answer holds is let go where it would be sent. */
async function fetchFrame(
  { api, apiVersion, correlationId, message }: Answer,
  clock: Clock,
): Promise<readonly FrameChunk[]> {
  const breath = new Breath(clock)
  const frame: FrameChunk[] = []
  let size = 0
  for (const chunks of responseChunks(api, apiVersion, correlationId, message)) {
    if (breath.isDue) await breath.take()
    for (const chunk of chunks) {
      frame.push(chunk)
      size += chunk.length
    }
  }
  return [headOf(size), ...frame]
}

async function frameInParts(answer: Answer, clock: Clock, isWanted: () => boolean): Promise<readonly FrameChunk[]> {
  const breath = new Breath(clock)
  // To find out that it is large has taken some time, too.
  await breath.take()
  const whole: Buffer[] = []
  let size = 0
  for (const part of partsOf(answer)) {
    size += part.length
    if (size > WHOLE_BYTES) giveBack(whole)
    else if (part.length > 0) whole.push(lentCopy(part))
    if (size > MOST_BYTES) throw new LargeMessage(`its answer would be larger than ${MOST_BYTES} bytes`)
    if (breath.isDue) await breath.take()
    if (isWanted()) continue
    giveBack(whole)
    return []
  }
  return [headOf(size), ...(size <= WHOLE_BYTES ? whole : [new PartedAnswer(size, partsOf(answer), breath)])]
}

function headOf(size: number): Buffer {
  const head = Buffer.alloc(SIZE_BYTES)
  head.writeInt32BE(size)
  return head
}

/** The outbox gives its memory back: left to the garbage collector, answers that leave slowly filled a gibibyte. */
function lentCopy(part: Buffer): Buffer {
  const copy = readBuffers.take(part.length)
  part.copy(copy)
  return copy
}

function giveBack(parts: Buffer[]): void {
  for (const part of parts.splice(0)) readBuffers.giveBack(part)
}

function partsOf({ api, apiVersion, correlationId, message }: Answer): Generator<Buffer> {
  return responseInParts(api, apiVersion, correlationId, message)
}

/** Read once, from the beginning to the end. */
class PartedAnswer implements LaterBytes {
  readonly length: number
  readonly #parts: Generator<Buffer>
  readonly #breath: Breath
  #part: Buffer = Buffer.alloc(0)
  /** Bytes of the part that are read. */
  #taken = 0

  constructor(length: number, parts: Generator<Buffer>, breath: Breath) {
    this.length = length
    this.#parts = parts
    this.#breath = breath
  }

  async read(_position: number, target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      if (this.#taken === this.#part.length) await this.#next()
      const count = this.#part.copy(target, filled, this.#taken)
      filled += count
      this.#taken += count
    }
  }

  release(): void {
    this.#parts.return(undefined)
  }

  async #next(): Promise<void> {
    if (this.#breath.isDue) await this.#breath.take()
    const { done, value } = this.#parts.next()
    if (done) throw new Error('an answer has changed while it was sent')
    this.#part = value
    this.#taken = 0
  }
}
