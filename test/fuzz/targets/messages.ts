import {
  type Api,
  allApis,
  DecodeError,
  decodeBody,
  decodeRequest,
  decodeRequestHeader,
  decodeRequestInParts,
  decodeResponse,
  encodeBody,
  TooManyElements,
} from '@rivven/protocol'
import { mustEqual, type Target } from '../harness/target.js'
import { type Direction, recordedBodies } from './recorded.js'
import { vectorFile } from './vectors.js'

interface Vector {
  readonly version: number
  readonly direction: Direction
  readonly base64: string
}

/** Each API, in each version and both directions: requests come to the broker, answers to the client. */
export function messageTargets(): Target[] {
  return allApis.flatMap((api) => {
    const { cases } = vectorFile<{ cases: Vector[] }>(`protocol/vectors/messages/${api.name}.json`)
    const { min, max } = api.versions
    const versions = Array.from({ length: max - min + 1 }, (_, at) => min + at)
    return versions.flatMap((version) =>
      (['request', 'response'] as const).map((direction) => bodyTarget(api as Api, version, direction, cases)),
    )
  })
}

/** An element of few bytes becomes an object of many; how many there may be is limited where frames are. */
const mayAllocate = (input: Buffer): number => input.length * 40 + 256 * 1024

function bodyTarget(api: Api, version: number, direction: Direction, vectors: readonly Vector[]): Target {
  const mine = vectors.filter((vector) => vector.version === version && vector.direction === direction)
  return {
    name: `${direction}s/${api.name} v${version}`,
    seeds: [...mine.map(({ base64 }) => Buffer.from(base64, 'base64')), ...recordedBodies(api, version, direction)],
    refusals: [DecodeError],
    mayAllocate,
    run: (input) => {
      const { message } = decodeBody(api, version, direction, input)
      return () => mustBeTheSame(api, version, direction, { input, message })
    },
  }
}

function mustBeTheSame(
  api: Api,
  version: number,
  direction: Direction,
  { input, message }: { input: Buffer; message: unknown },
): void {
  const written = encodeBody(api, version, direction, message)
  // What is written as it came was read already.
  if (!written.equals(input)) {
    const again = decodeBody(api, version, direction, written)
    mustEqual(encodeBody(api, version, direction, again.message), written, 'read and written again')
  }
  if (direction === 'request') mustBeReadInParts(api, version, input, written)
}

/** Large requests are read in stretches; nobody may be able to tell. */
function mustBeReadInParts(api: Api, version: number, input: Buffer, written: Buffer): void {
  const reading = decodeRequestInParts(api, version, input, 0)
  let step = reading.next()
  while (!step.done) step = reading.next()
  mustEqual(encodeBody(api, version, 'request', step.value), written, 'read in parts')
}

const apis = new Map(allApis.map((api) => [api.key, api as Api]))
const MOST_ELEMENTS = 1000

function frame(apiKey: number, version: number, body: Buffer, isFlexible: boolean): Buffer {
  const head = Buffer.from('0000000000000007000474657374', 'hex')
  head.writeInt16BE(apiKey, 0)
  head.writeInt16BE(version, 2)
  return Buffer.concat([head, Buffer.alloc(isFlexible ? 1 : 0), body])
}

function frameSeeds(direction: Direction): Buffer[] {
  return allApis.flatMap((api) => {
    const { cases } = vectorFile<{ cases: Vector[] }>(`protocol/vectors/messages/${api.name}.json`)
    const mine = cases.filter((vector) => vector.direction === direction)
    return mine.slice(-6).map(({ version, base64 }) => {
      return frame(api.key, version, Buffer.from(base64, 'base64'), version >= api.flexibleSince)
    })
  })
}

/** Whole frames: header, then the body of whatever it says to be, with a limit of elements. */
export function frameTargets(): Target[] {
  return [
    {
      name: 'frames/request header and body',
      seeds: frameSeeds('request'),
      refusals: [DecodeError],
      mayAllocate,
      run: (input) => {
        const { apiKey, apiVersion, bodyOffset } = decodeRequestHeader(input)
        const api = apis.get(apiKey)
        if (!api || apiVersion < api.versions.min || apiVersion > api.versions.max) return false
        try {
          decodeRequest(api, apiVersion, input, bodyOffset, MOST_ELEMENTS)
        } catch (error) {
          if (error instanceof TooManyElements) return false
          throw error
        }
        return true
      },
    },
    {
      name: 'frames/answer header and body',
      seeds: frameSeeds('response'),
      refusals: [DecodeError],
      mayAllocate,
      // The first bytes say which: in the client, the request does.
      run: (input) => {
        if (input.length < 4) return false
        const api = apis.get(input.readInt16BE(0))
        const version = input.readInt16BE(2)
        if (!api || version < api.versions.min || version > api.versions.max) return false
        decodeResponse(api, version, input.subarray(4))
        return true
      },
    },
  ]
}
