// Hot path: `noted` runs for every fetch: nothing is looked up while nobody is awaited.
import { partitionKey } from '../partition-key.js'
import type { LastFetch, ReadPartition } from './readers.js'
import { clientKey, type FetchingClient } from './waiting-fetches.js'

/** A fetch that is awaited. */
export interface AwaitedFetch {
  readonly client: FetchingClient
  readonly partition: ReadPartition
  /** Who has read it until now: another connection. */
  readonly notBy: number
  /** Called once, if it comes. */
  came(fetchOffset: number, at: number): void
}

/** Partitions that changed their owners and have not been read by the new ones yet. */
const mostAwaited = 1_000

/** Awaits the first fetch of partitions by clients that have just got them. The oldest makes room. */
export class FirstFetches {
  /** By client, then by partition under each of its names. */
  readonly #byClient = new Map<string, Map<string, AwaitedFetch>>()
  /** Oldest first. */
  readonly #all = new Set<AwaitedFetch>()

  get count(): number {
    return this.#all.size
  }

  expect(awaited: AwaitedFetch): void {
    const client = clientKey(awaited.client)
    for (const name of namesOf(awaited.partition)) {
      const before = this.#byClient.get(client)?.get(name)
      if (before) this.#forget(before)
    }
    const ofClient = this.#byClient.get(client) ?? new Map<string, AwaitedFetch>()
    this.#byClient.set(client, ofClient)
    for (const name of namesOf(awaited.partition)) ofClient.set(name, awaited)
    this.#all.add(awaited)
    const [oldest] = this.#all.size > mostAwaited ? this.#all : []
    if (oldest) this.#forget(oldest)
  }

  noted(fetch: LastFetch): void {
    if (this.#all.size === 0) return
    const ofClient = this.#byClient.get(clientKey(fetch))
    if (!ofClient) return
    for (const { topic, topicId, partition, fetchOffset } of fetch.plan.wishes) {
      const awaited = ofClient.get(partitionKey(topic === '' ? topicId : topic, partition))
      if (!awaited || awaited.notBy === fetch.reader) continue
      this.#forget(awaited)
      awaited.came(fetchOffset, fetch.at)
    }
  }

  #forget(awaited: AwaitedFetch): void {
    const client = clientKey(awaited.client)
    const ofClient = this.#byClient.get(client)
    for (const name of namesOf(awaited.partition)) ofClient?.delete(name)
    if (ofClient?.size === 0) this.#byClient.delete(client)
    this.#all.delete(awaited)
  }
}

function namesOf({ topic, topicId, partition }: ReadPartition): string[] {
  return topicId === ''
    ? [partitionKey(topic, partition)]
    : [partitionKey(topic, partition), partitionKey(topicId, partition)]
}
