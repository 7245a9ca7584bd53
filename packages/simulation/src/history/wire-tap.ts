import { type Api, apiByKey, decodeRequest, decodeRequestHeader, decodeResponse } from '@rivven/protocol'
import type { Tap } from '../world/sim-network.js'
import type { Exchange, History } from './history.js'

/** What the oracle reads: groups, offsets, producers, transactions, deletions, logins, and what Fetch says of offsets. */
const readKeys = new Set([0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 17, 21, 22, 23, 24, 25, 26, 28, 36])

/** Bytes of one direction, cut into frames. */
class Frames {
  #rest: Buffer = Buffer.alloc(0)

  take(bytes: Buffer): Buffer[] {
    const frames: Buffer[] = []
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (this.#rest.length >= 4) {
      const size = this.#rest.readInt32BE(0)
      if (this.#rest.length < 4 + size) break
      frames.push(this.#rest.subarray(4, 4 + size))
      this.#rest = this.#rest.subarray(4 + size)
    }
    return frames
  }
}

interface Conversation {
  readonly requests: Frames
  readonly answers: Frames
  /** In the order of the requests; undefined: an exchange nobody reads. */
  readonly waiting: Map<number, Exchange | undefined>
}

/** Reads along what clients and brokers say to each other, but not what brokers say among themselves. */
export function wireTap(history: History, brokers: readonly string[], now: () => number): Tap {
  const conversations = new Map<number, Conversation>()
  return ({ from, to, connection, isAsked, bytes }) => {
    if (brokers.includes(from) && brokers.includes(to)) return
    const conversation = conversations.get(connection) ?? newConversation()
    conversations.set(connection, conversation)
    // Frames point into what the sender may change after it has left.
    const copy = Buffer.from(bytes)
    if (isAsked) {
      for (const frame of conversation.requests.take(copy)) readRequest(frame, conversation)
    } else {
      for (const frame of conversation.answers.take(copy)) readAnswer(frame, conversation)
    }

    function readRequest(frame: Buffer, { waiting }: Conversation): void {
      const { apiKey, apiVersion, correlationId, clientId, bodyOffset } = decodeRequestHeader(frame)
      const api: Api | undefined = readKeys.has(apiKey) ? apiByKey(apiKey) : undefined
      waiting.set(correlationId, undefined)
      if (!api) return
      const request = decodeRequest(api, apiVersion, frame, bodyOffset)
      const exchange: Exchange = {
        api,
        version: apiVersion,
        host: from,
        broker: to,
        connection,
        clientId: clientId ?? '',
        sentAt: now(),
        request,
        response: undefined,
        answeredAt: undefined,
      }
      waiting.set(correlationId, exchange)
      history.add({ kind: 'request', exchange })
    }

    function readAnswer(frame: Buffer, { waiting }: Conversation): void {
      const correlationId = frame.readInt32BE(0)
      const exchange = waiting.get(correlationId)
      waiting.delete(correlationId)
      if (!exchange) return
      exchange.response = decodeResponse(exchange.api, exchange.version, frame).message
      exchange.answeredAt = now()
      history.add({ kind: 'answer', exchange })
    }
  }
}

function newConversation(): Conversation {
  return { requests: new Frames(), answers: new Frames(), waiting: new Map() }
}
