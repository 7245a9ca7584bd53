// Hot path: `note` runs for every fetch: one look-up, whatever it asks for.
import type { Clock } from '@rivven/runtime'
import type { RequestConnection } from '../request-connection.js'
import type { FetchPlan } from './fetch-sessions.js'
import type { FetchWish } from './fetch-target.js'
import { clientKey, type FetchingClient } from './waiting-fetches.js'

/** The last fetch of a connection: all that is known of who reads what, and how. */
interface LastFetch {
  clientId: string
  clientHost: string
  isCommitted: boolean
  /** Monotonic. */
  at: number
  plan: ReadPlan
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
  readonly isCommitted: boolean
  /** Monotonic, of its last fetch. */
  readonly at: number
  /** Where it reads next. */
  readonly fetchOffset: number
}

/** The index by client is made again when it is older than this. */
const freshMs = 1_000

/** Who reads here: clients as their fetches name them, which is all that ties a member of a group to what it reads. */
export class Readers {
  readonly #clock: Clock
  readonly #last = new Map<RequestConnection, LastFetch>()
  #byClient = new Map<string, LastFetch[]>()
  #indexedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(connection: RequestConnection, { client, isCommitted, plan }: NotedFetch): void {
    const at = this.#clock.monotonic()
    const { clientId, clientHost } = client
    const known = this.#last.get(connection)
    if (known === undefined) {
      this.#last.set(connection, { clientId, clientHost, isCommitted, plan, at })
      connection.onClose(() => this.#last.delete(connection))
      return
    }
    known.clientId = clientId
    known.isCommitted = isCommitted
    known.plan = plan
    known.at = at
  }

  /** How a client reads a partition here; several, where others have its client id and host. */
  of(client: FetchingClient, partition: ReadPartition): Reading[] {
    this.#refresh()
    return (this.#byClient.get(clientKey(client)) ?? []).flatMap(({ isCommitted, at, plan }) => {
      const wish = wishIn(plan, partition)
      return wish ? [{ isCommitted, at, fetchOffset: wish.fetchOffset }] : []
    })
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

function wishIn(plan: ReadPlan, { topic, topicId, partition }: ReadPartition): FetchWish | undefined {
  const session = plan.session
  if (session) return session.wishFor({ topic, topicId, partition })
  return plan.wishes.find(
    (wish) => wish.partition === partition && (wish.topic === topic || (wish.topic === '' && wish.topicId === topicId)),
  )
}
