import { apiByKey } from './apis/all-apis.js'
import type { FrameChunk } from './bytes.js'
import {
  compileDecoder,
  compileEncoder,
  compilePartDecoder,
  compilePartEncoder,
  type Decode,
  type DecodeInParts,
  type Encode,
  type EncodeInParts,
} from './compile.js'
import { Reader } from './reader.js'
import type { Api, Fields, Partially, RequestOf, ResponseOf } from './schema.js'
import { Writer } from './writer.js'

export interface RequestHeader {
  apiKey: number
  apiVersion: number
  correlationId: number
  clientId: string | null
  /** Where the body begins. */
  bodyOffset: number
}

const apiVersionsKey = 18
const USUAL_BYTES = 256
/** Beyond it, half a slab of Node's pool, memory is taken as it is written to. */
const MOST_USUAL_BYTES = 4 * 1024

/** The coders of one version of an API, each compiled when it is first used. */
class Coders {
  #decodeRequest: Decode | undefined
  #decodeRequestInParts: DecodeInParts | undefined
  #encodeRequest: Encode | undefined
  #decodeResponse: Decode | undefined
  #encodeResponse: Encode | undefined
  #encodeResponseInParts: EncodeInParts | undefined
  /** Bytes of the last response, without those that were not copied: memory for the next. One that grew to its size would leave twice as much behind it. */
  responseBytes = USUAL_BYTES
  readonly flexible: boolean

  constructor(
    readonly api: Api,
    readonly version: number,
  ) {
    this.flexible = version >= api.flexibleSince
  }

  get decodeRequest(): Decode {
    this.#decodeRequest ??= compileDecoder(this.api.request, this.version, this.flexible)
    return this.#decodeRequest
  }

  get decodeRequestInParts(): DecodeInParts {
    this.#decodeRequestInParts ??= compilePartDecoder(this.api.request, this.version, this.flexible)
    return this.#decodeRequestInParts
  }

  get encodeRequest(): Encode {
    this.#encodeRequest ??= compileEncoder(this.api.request, this.version, this.flexible)
    return this.#encodeRequest
  }

  get decodeResponse(): Decode {
    this.#decodeResponse ??= compileDecoder(this.api.response, this.version, this.flexible)
    return this.#decodeResponse
  }

  get encodeResponse(): Encode {
    this.#encodeResponse ??= compileEncoder(this.api.response, this.version, this.flexible)
    return this.#encodeResponse
  }

  get encodeResponseInParts(): EncodeInParts {
    this.#encodeResponseInParts ??= compilePartEncoder(this.api.response, this.version, this.flexible)
    return this.#encodeResponseInParts
  }

  /** ApiVersions answers always have the old header: a client that reads one may not know our versions yet. */
  get hasTaggedResponseHeader(): boolean {
    return this.flexible && this.api.key !== apiVersionsKey
  }
}

const coders = new Map<Api, Coders[]>()

function codersOf(api: Api, version: number): Coders {
  let versions = coders.get(api)
  if (!versions) {
    versions = []
    coders.set(api, versions)
  }
  let found = versions[version]
  if (!found) {
    if (!(version >= api.versions.min && version <= api.versions.max))
      throw new RangeError(`${api.name} has versions ${api.versions.min} to ${api.versions.max}, not ${version}`)
    found = new Coders(api, version)
    versions[version] = found
  }
  return found
}

/** A whole request frame with its size in front, as chunks: record batches stay where they are. */
export function encodeRequest<A extends Api<Fields, Fields>>(
  api: A,
  version: number,
  header: { correlationId: number; clientId: string | null },
  message: Partially<RequestOf<A>> | RequestOf<A>,
): Buffer[] {
  const { encodeRequest, flexible } = codersOf(api as Api, version)
  const writer = new Writer()
  writer.int32(0)
  writer.int16(api.key)
  writer.int16(version)
  writer.int32(header.correlationId)
  writer.nullableString(header.clientId)
  if (flexible) writer.uvarint(0)
  encodeRequest(writer, message)
  // What a client sends is in memory.
  return sized(writer) as Buffer[]
}

/**
 * A whole response frame with its size in front, as chunks; records that are read later stay to be read. Throws LargeMessage
 * where it needs more than `maxBytes` (default: no limit) without what is not copied into it.
 */
export function encodeResponse<A extends Api<Fields, Fields>>(
  api: A,
  version: number,
  correlationId: number,
  message: Partially<ResponseOf<A>> | ResponseOf<A>,
  maxBytes = Number.POSITIVE_INFINITY,
): FrameChunk[] {
  const found = codersOf(api as Api, version)
  const writer = new Writer(Math.min(found.responseBytes, maxBytes), maxBytes)
  writer.int32(0)
  beginResponse(writer, found, correlationId)
  found.encodeResponse(writer, message)
  found.responseBytes = Math.min(writer.copiedSize, MOST_USUAL_BYTES)
  return sized(writer)
}

/**
 * The same frame, without its size, in pieces of some 64 KiB that are made one by one; some are empty: there the next one only takes
 * long. Each is only valid until the next is asked for. The message must not change meanwhile.
 */
export function* responseInParts<A extends Api<Fields, Fields>>(
  api: A,
  version: number,
  correlationId: number,
  message: Partially<ResponseOf<A>> | ResponseOf<A>,
): Generator<Buffer> {
  const found = codersOf(api as Api, version)
  const writer = new Writer()
  beginResponse(writer, found, correlationId)
  for (const _ of found.encodeResponseInParts(writer, message)) yield writer.drain()
  yield writer.drain()
}

/**
 * The same in chunks as `encodeResponse` has them: records stay where they are, and what is read later is not looked at. Each is valid
 * for good.
 */
export function* responseChunks<A extends Api<Fields, Fields>>(
  api: A,
  version: number,
  correlationId: number,
  message: Partially<ResponseOf<A>> | ResponseOf<A>,
): Generator<FrameChunk[]> {
  const found = codersOf(api as Api, version)
  const writer = new Writer()
  beginResponse(writer, found, correlationId)
  for (const _ of found.encodeResponseInParts(writer, message)) yield writer.takeChunks()
  yield writer.takeChunks()
}

function beginResponse(writer: Writer, coders: Coders, correlationId: number): void {
  writer.int32(correlationId)
  if (coders.hasTaggedResponseHeader) writer.uvarint(0)
}

function sized(writer: Writer): FrameChunk[] {
  const size = writer.size - 4
  const chunks = writer.chunks()
  const head = chunks[0] as Buffer
  head.writeInt32BE(size, 0)
  return chunks
}

/** Reads the header of a request frame (without its size). A version too high for its API is read like its highest. */
export function decodeRequestHeader(frame: Buffer): RequestHeader {
  const reader = new Reader(frame)
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const clientId = reader.nullableString()
  if (apiVersion >= (apiByKey(apiKey)?.flexibleSince ?? Number.POSITIVE_INFINITY)) skipTags(reader)
  return { apiKey, apiVersion, correlationId, clientId, bodyOffset: reader.position }
}

/**
 * Reads a request's body; bytes behind it are ignored. Throws TooManyElements before an array is built that brings the
 * elements of all arrays together above `maxElements` (default: no limit).
 */
export function decodeRequest<A extends Api<Fields, Fields>>(
  api: A,
  version: number,
  frame: Buffer,
  bodyOffset: number,
  maxElements = Number.POSITIVE_INFINITY,
): RequestOf<A> {
  const reader = new Reader(frame, bodyOffset)
  reader.elementsLeft = maxElements
  return codersOf(api as Api, version).decodeRequest(reader) as RequestOf<A>
}

/** The same, element by element: stops after some tens of them, and returns the request in the end. */
export function decodeRequestInParts<A extends Api<Fields, Fields>>(
  api: A,
  version: number,
  frame: Buffer,
  bodyOffset: number,
  maxElements = Number.POSITIVE_INFINITY,
): Generator<undefined, RequestOf<A>> {
  const reader = new Reader(frame, bodyOffset)
  reader.elementsLeft = maxElements
  const { decodeRequestInParts } = codersOf(api as Api, version)
  return decodeRequestInParts(reader) as Generator<undefined, RequestOf<A>>
}

/** Reads a response frame (without its size). */
export function decodeResponse<A extends Api<Fields, Fields>>(
  api: A,
  version: number,
  frame: Buffer,
): { correlationId: number; message: ResponseOf<A> } {
  const found = codersOf(api as Api, version)
  const reader = new Reader(frame)
  const correlationId = reader.int32()
  if (found.hasTaggedResponseHeader) skipTags(reader)
  return { correlationId, message: found.decodeResponse(reader) as ResponseOf<A> }
}

/** Bodies alone, as the coordinators' records and tests need them. */
export function decodeBody(
  api: Api,
  version: number,
  direction: 'request' | 'response',
  body: Buffer,
): { message: unknown; size: number } {
  const found = codersOf(api, version)
  const reader = new Reader(body)
  const message = (direction === 'request' ? found.decodeRequest : found.decodeResponse)(reader)
  return { message, size: reader.position }
}

export function encodeBody(api: Api, version: number, direction: 'request' | 'response', message: unknown): Buffer {
  const found = codersOf(api, version)
  const writer = new Writer()
  ;(direction === 'request' ? found.encodeRequest : found.encodeResponse)(writer, message)
  return writer.whole()
}

function skipTags(reader: Reader): void {
  for (let count = reader.uvarint(); count > 0; count--) {
    reader.uvarint()
    reader.take(reader.uvarint())
  }
}
