import type { PartitionLog } from '../log/partition-log.js'

/** A fetch that waits for records. */
export interface WaitingFetch {
  /** Since when, monotonic. */
  readonly since: number
  /** Answers it now. False: its client will not notice, as the wait is nearly over. */
  wake(): boolean
}

/** Who fetches, as far as a fetch tells: its header's client id and its peer. */
export interface FetchingClient {
  readonly clientId: string
  readonly clientHost: string
}

export const clientKey = ({ clientId, clientHost }: FetchingClient): string => `${clientHost} ${clientId}`

export const partitionKey = (topic: string, partition: number): string => `${partition} ${topic}`

/**
 * Waiting fetches by client and the first partition they ask for: a member asks for its own partitions alone, so one of
 * them is enough to know it among the others of its client id. Finding one costs a look-up, however many wait.
 */
export class WaitingFetches {
  readonly #byClient = new Map<string, Map<string, Set<WaitingFetch>>>()

  /** Returns how to take it out again. */
  add(client: FetchingClient, log: PartitionLog, fetch: WaitingFetch): () => void {
    const key = clientKey(client)
    const partition = partitionKey(log.topic, log.partition)
    const ofClient = this.#byClient.get(key) ?? new Map<string, Set<WaitingFetch>>()
    const fetches = ofClient.get(partition) ?? new Set()
    this.#byClient.set(key, ofClient.set(partition, fetches.add(fetch)))
    return () => {
      fetches.delete(fetch)
      if (fetches.size === 0 && ofClient.get(partition) === fetches) ofClient.delete(partition)
      if (ofClient.size === 0 && this.#byClient.get(key) === ofClient) this.#byClient.delete(key)
    }
  }

  /** Those of a client that ask for one of these partitions first. */
  *of(client: string, partitions: Iterable<string>): Generator<WaitingFetch> {
    const ofClient = this.#byClient.get(client)
    if (!ofClient) return
    for (const partition of partitions) yield* ofClient.get(partition) ?? []
  }
}
