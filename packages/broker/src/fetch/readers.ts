// Hot path: `note` runs for every fetch: one look-up, whatever it asks for.
import type { Clock } from '@rivven/runtime'
import type { RequestConnection } from '../request-connection.js'
import type { FetchPlan } from './fetch-sessions.js'
import type { FetchWish } from './fetch-target.js'
import { FirstFetches } from './first-fetches.js'
import { GoneReaders } from './gone-readers.js'
import { clientKey, type FetchingClient } from './waiting-fetches.js'

/** The last fetch of a connection: all that is known of who reads what, and how. */
export interface LastFetch {
  /** Tells connections apart. */
  readonly reader: number
  clientId: string
  clientHost: string
  isCommitted: boolean
  /** Monotonic. */
  at: number
  plan: ReadPlan
  /** Bytes of the last answer, and the most that it might have had; 0: none yet. */
  bytes: number
  mostBytes: number
}

export interface NotedFetch {
  readonly client: FetchingClient
  readonly isCommitted: boolean
  readonly plan: ReadPlan
}

export type ReadPlan = Exclude<FetchPlan, { kind: 'refused' }>

/** A partition by the name and the id of its topic: fetches have one of the two. */
export interface ReadPartition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
}

/** How a client reads a partition. */
export interface Reading {
  readonly reader: number
  readonly isCommitted: boolean
  /** Monotonic, of its last fetch. */
  readonly at: number
  /** Where it reads next. */
  readonly fetchOffset: number
  readonly bytes: number
  readonly mostBytes: number
}

/** The index by client is made again when it is older than this. */
const freshMs = 1_000

/** Who reads here: clients as their fetches name them, which is all that ties a member of a group to what it reads. */
export class Readers {
  /** Who is awaited to fetch partitions that it has got from another. */
  readonly first = new FirstFetches()
  readonly #clock: Clock
  readonly #last = new Map<RequestConnection, LastFetch>()
  readonly #gone = new GoneReaders()
  #byClient = new Map<string, LastFetch[]>()
  #indexedAt = Number.NEGATIVE_INFINITY
  #readers = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(connection: RequestConnection, { client, isCommitted, plan }: NotedFetch): void {
    const at = this.#clock.monotonic()
    const { clientId, clientHost } = client
    const known = this.#last.get(connection)
    if (known === undefined) {
      const reader = ++this.#readers
      const fetch = { reader, clientId, clientHost, isCommitted, plan, at, bytes: 0, mostBytes: 0 }
      this.#last.set(connection, fetch)
      connection.onClose(() => this.#closed(connection))
      this.first.noted(fetch)
      return
    }
    known.clientId = clientId
    known.isCommitted = isCommitted
    known.plan = plan
    known.at = at
    this.first.noted(known)
  }

  /** How large an answer was, and might have been. */
  answered(connection: RequestConnection, bytes: number, mostBytes: number): void {
    const known = this.#last.get(connection)
    if (known === undefined) return
    known.bytes = bytes
    known.mostBytes = mostBytes
  }

  /** How a client reads a partition here; several, where others have its client id and host. */
  of(client: FetchingClient, partition: ReadPartition): Reading[] {
    this.#refresh()
    return readingsIn(this.#byClient.get(clientKey(client)) ?? [], partition)
  }

  /** The same as of the last fetch, also of one whose connection is closed since; undefined: nothing is known of any. */
  lastOf(client: FetchingClient, partition: ReadPartition): Reading | undefined {
    const readings = [...this.of(client, partition), ...readingsIn(this.#gone.of(client), partition)]
    return readings.reduce<Reading | undefined>((one, other) => (one && one.at >= other.at ? one : other), undefined)
  }

  #closed(connection: RequestConnection): void {
    const fetch = this.#last.get(connection)
    this.#last.delete(connection)
    if (fetch) this.#gone.add(fetch)
  }

  #refresh(): void {
    const now = this.#clock.monotonic()
    if (now - this.#indexedAt < freshMs) return
    this.#indexedAt = now
    this.#byClient = new Map()
    for (const fetch of this.#last.values()) {
      const key = clientKey(fetch)
      const ofClient = this.#byClient.get(key)
      if (ofClient) ofClient.push(fetch)
      else this.#byClient.set(key, [fetch])
    }
  }
}

function readingsIn(fetches: readonly LastFetch[], partition: ReadPartition): Reading[] {
  return fetches.flatMap(({ plan, ...fetch }) => {
    const wish = wishIn(plan, partition)
    return wish ? [{ ...fetch, fetchOffset: wish.fetchOffset }] : []
  })
}

function wishIn(plan: ReadPlan, { topic, topicId, partition }: ReadPartition): FetchWish | undefined {
  const session = plan.session
  if (session) return session.wishFor({ topic, topicId, partition })
  return plan.wishes.find(
    (wish) => wish.partition === partition && (wish.topic === topic || (wish.topic === '' && wish.topicId === topicId)),
  )
}
