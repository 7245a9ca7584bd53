import type { FetchingClient } from '../fetch/waiting-fetches.js'
import type { Arrival } from '../log/arrival/arrival.js'

/** Where brokers ask each other what waits for groups. */
export const lagPath = '/api/cluster/lag'

/** A group that another broker coordinates, and where it stands in partitions that are led here. */
export interface GroupQuestion {
  /** Its members: how they read is known where they fetch. */
  readonly clients: readonly FetchingClient[]
  readonly places: readonly PlaceQuestion[]
  /** Is it asked, too, how they read? */
  readonly asksReads?: boolean
}

export interface PlaceQuestion {
  readonly topic: string
  readonly partition: number
  /** Committed. */
  readonly offset: number
}

/** What waits for a group in one place. */
export interface PlaceAnswer {
  readonly logStartOffset: number
  /** Null: nothing. */
  readonly waits: Arrival | null
  readonly heldBack: Arrival | null
  /** Null: none of the members has fetched there; absent: nobody has asked. */
  readonly read?: PlaceRead | null
}

/** The last fetch of a place, by any of the members. */
export interface PlaceRead {
  readonly agoMs: number
  readonly fetchOffset: number
  readonly isCommitted: boolean
  /** Of its last answer, and the most that it would have taken; 0: there was none. */
  readonly bytes: number
  readonly mostBytes: number
  /** Transactions that were aborted there within a day. */
  readonly aborted: number
}

/** For each place of each group; null: it is not led here. */
export type LagAnswers = readonly (readonly (PlaceAnswer | null)[])[]

export function areQuestions(given: unknown): given is readonly GroupQuestion[] {
  return Array.isArray(given) && given.every(isQuestion)
}

function isQuestion(value: unknown): value is GroupQuestion {
  const { clients, places } = Object(value) as Partial<GroupQuestion>
  return Array.isArray(clients) && clients.every(isClient) && Array.isArray(places) && places.every(isPlace)
}

function isClient(value: unknown): value is FetchingClient {
  const { clientId, clientHost } = Object(value) as Partial<FetchingClient>
  return typeof clientId === 'string' && typeof clientHost === 'string'
}

function isPlace(value: unknown): value is PlaceQuestion {
  const { topic, partition, offset } = Object(value) as Partial<PlaceQuestion>
  return typeof topic === 'string' && Number.isInteger(partition) && Number.isInteger(offset)
}
