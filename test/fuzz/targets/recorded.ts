import { type Api, allApis, encodeBody } from '@rivven/protocol'
import type { Json } from '../../conversations/conversation.js'
import { fromJson } from '../../conversations/messages-as-json.js'
import { recordings } from '../../conversations/recordings.js'

export type Direction = 'request' | 'response'

/** So many of each message: the first of them, which differ most. */
const MOST = 6

const byName = new Map(allApis.map((api) => [api.name as string, api as Api]))
const bodies = new Map<string, Buffer[]>()

for (const { conversation } of recordings) {
  for (const { api: name, version, request, response } of conversation.steps) {
    const api = name === undefined ? undefined : byName.get(name)
    if (!api || version === undefined) continue
    if (request !== undefined) add(api, version, 'request', request)
    if (response !== undefined) add(api, version, 'response', response)
  }
}

function add(api: Api, version: number, direction: Direction, json: Json): void {
  const key = `${api.name}/${version}/${direction}`
  const known = bodies.get(key) ?? []
  bodies.set(key, known)
  if (known.length >= MOST) return
  const body = encoded(api, version, direction, json)
  if (body && !known.some((other) => other.equals(body))) known.push(body)
}

/** Undefined for what is no message until a conversation is played: parts of answers before, or `*` for any value. */
function encoded(api: Api, version: number, direction: Direction, json: Json): Buffer | undefined {
  try {
    return encodeBody(api, version, direction, fromJson(api[direction], json))
  } catch {
    return undefined
  }
}

/** Requests that were sent to Apache Kafka, and what it answered. */
export function recordedBodies(api: Api, version: number, direction: Direction): readonly Buffer[] {
  return bodies.get(`${api.name}/${version}/${direction}`) ?? []
}
