import { Finding, mustEqual, type Target } from '../harness/target.js'
import { inside } from '../inside.js'

type BrokerFrames = typeof import('../../../packages/broker/dist/src/net/frame-reader.js')
type ClientFrames = typeof import('../../../packages/link/dist/src/connection/frame-reader.js')

/** Both sides cut a stream of bytes into frames. */
interface FrameReader {
  target(): Uint8Array
  received(count: number): void
}

const MOST_BYTES = 64 * 1024
/** Each piece that comes needs a view of where it goes. */
const VIEW_BYTES = 256

/** Memory for what a frame claims to be, up to the limit; chunks; and views: behind a 0 each byte is a piece. */
function mayAllocate(input: Buffer): number {
  const pieces = input[0] === 0 ? input.length : input.length / 16
  return input.length * 8 + pieces * VIEW_BYTES + 2 * 1024 * 1024
}

/** Frames behind a byte that says how the stream is cut: as the network does, anywhere. */
export async function streamTargets(): Promise<Target[]> {
  const broker = await inside<BrokerFrames>('broker/src/net/frame-reader.js')
  const client = await inside<ClientFrames>('link/src/connection/frame-reader.js')
  const frames = [1, 2, 5, 30, 300, 5000, 40_000].map((length) => framed(Buffer.alloc(length, length)))
  const seeds = [...frames, Buffer.concat(frames.slice(0, 5)), Buffer.from('GET / HTTP/1.1\r\n\r\n')].map((stream) =>
    Buffer.concat([Buffer.from([7]), stream]),
  )
  return [
    {
      name: 'streams/requests',
      seeds,
      refusals: [broker.FrameError],
      mayAllocate,
      run: (input) => cut(input, (take) => new broker.FrameReader(MOST_BYTES, take), 1),
    },
    {
      name: 'streams/answers',
      seeds,
      refusals: [client.FrameSizeError],
      mayAllocate,
      run: (input) => cut(input, (take) => new client.FrameReader(MOST_BYTES, take), 0),
    },
  ]
}

function framed(body: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

function cut(input: Buffer, open: (take: (frame: Buffer) => void) => FrameReader, least: number): () => void {
  const frames: Buffer[] = []
  const reader = open((frame) => frames.push(frame))
  const [step = 0] = input
  const stream = input.subarray(1)
  for (let at = 0, round = 1; at < stream.length; round++) {
    const target = reader.target()
    if (target.length === 0) throw new Finding('there is no room for what comes next')
    const count = Math.min(target.length, stream.length - at, 1 + ((step * round) % 251) * (1 + (step >> 4)))
    target.set(stream.subarray(at, at + count))
    at += count
    reader.received(count)
  }
  return () => mustEqual(Buffer.concat(frames), Buffer.concat(framesIn(stream, least)), 'cut into frames')
}

/** All at once, as simply as can be. */
function framesIn(stream: Buffer, least: number): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; stream.length - at >= 4; ) {
    const size = stream.readInt32BE(at)
    if (size < least || size > MOST_BYTES) throw new Finding(`a frame of ${size} bytes was let through`)
    if (size > stream.length - at - 4) break
    frames.push(stream.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return frames
}
