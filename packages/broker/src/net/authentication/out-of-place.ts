import {
  type Api,
  decodeRequest,
  ErrorCode,
  encodeResponse,
  hasField,
  Metadata,
  type MetadataRequest,
  Produce,
  type ProduceRequest,
  type RequestHeader,
} from '@rivven/protocol'
import type { Frame } from '../flights.js'

const errorCode = ErrorCode.ILLEGAL_SASL_STATE
/** Nobody has come in yet, so little is worked through. */
const MAX_ELEMENTS = 1_000

/**
 * The answer to a request that comes in the middle of a login: ILLEGAL_SASL_STATE in the form of its own API (security.md
 * §3). Where an API has no error for the whole request, only those are answered that clients ask at such a moment; the
 * others learn by the end of the connection. Throws DecodeError.
 */
export function outOfPlace(api: Api | undefined, header: RequestHeader, frame: Buffer): Frame {
  const message = api && messageOf(api, header, frame)
  return message ? encodeResponse(api, header.apiVersion, header.correlationId, message as object) : []
}

function messageOf(api: Api, { apiVersion, bodyOffset }: RequestHeader, frame: Buffer): object | undefined {
  if (api.key === Metadata.key) {
    return metadataAnswer(decodeRequest(Metadata, apiVersion, frame, bodyOffset, MAX_ELEMENTS))
  }
  if (api.key === Produce.key) return produceAnswer(decodeRequest(Produce, apiVersion, frame, bodyOffset, MAX_ELEMENTS))
  return hasField(api.response, 'errorCode', apiVersion) ? { errorCode } : undefined
}

function metadataAnswer({ topics }: MetadataRequest): object {
  const named = (topics ?? []).map(({ name, topicId }) => ({ errorCode, name: name ?? '', topicId, partitions: [] }))
  return { brokers: [], clusterId: null, controllerId: -1, topics: named }
}

function produceAnswer({ acks, topicData }: ProduceRequest): object | undefined {
  if (acks === 0) return undefined
  const responses = topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1 })),
  }))
  return { responses }
}
