import type { PartitionView } from '../log/partition-log.js'
import { partitionKey } from '../partition-key.js'

/** A fetch that waits for records. */
export interface WaitingFetch {
  /** Since when, monotonic. */
  readonly since: number
  /**
   * Answers it now, if its client may know of the group. False: its client will not notice, or is not told, so that nobody
   * can count on it.
   */
  wake(groupId: string): boolean
}

/** Who fetches, as far as a fetch tells: its header's client id and its peer. */
export interface FetchingClient {
  readonly clientId: string
  readonly clientHost: string
}

export const clientKey = ({ clientId, clientHost }: FetchingClient): string => `${clientHost} ${clientId}`

/** A member asks for its own partitions alone, so some of them are enough to know it among others of its client id. */
const mostKeys = 32

/** Waiting fetches by client and the partitions they ask for: finding one costs a look-up, however many wait. */
export class WaitingFetches {
  readonly #byClient = new Map<string, Map<string, Set<WaitingFetch>>>()

  /** Returns how to take it out again. */
  add(client: FetchingClient, logs: readonly PartitionView[], fetch: WaitingFetch): () => void {
    const key = clientKey(client)
    const partitions = logs.slice(0, mostKeys).map((log) => partitionKey(log.topic, log.partition))
    const ofClient = this.#byClient.get(key) ?? new Map<string, Set<WaitingFetch>>()
    this.#byClient.set(key, ofClient)
    for (const partition of partitions) {
      const fetches = ofClient.get(partition)
      if (fetches) fetches.add(fetch)
      else ofClient.set(partition, new Set([fetch]))
    }
    return () => this.#remove(key, partitions, fetch)
  }

  /** Those of a client that ask for one of these partitions. */
  *of(client: string, partitions: Iterable<string>): Generator<WaitingFetch> {
    const ofClient = this.#byClient.get(client)
    if (!ofClient) return
    for (const partition of partitions) yield* ofClient.get(partition) ?? []
  }

  #remove(key: string, partitions: readonly string[], fetch: WaitingFetch): void {
    const ofClient = this.#byClient.get(key)
    for (const partition of partitions) {
      const fetches = ofClient?.get(partition)
      fetches?.delete(fetch)
      if (fetches?.size === 0) ofClient?.delete(partition)
    }
    if (ofClient?.size === 0) this.#byClient.delete(key)
  }
}
