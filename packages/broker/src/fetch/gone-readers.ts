import type { LastFetch } from './readers.js'
import { clientKey, type FetchingClient } from './waiting-fetches.js'

/** What they held is small, but their fetch sessions are not: of so many of them, with so many partitions together. */
const mostKept = 200
const mostPartitions = 20_000

/** Last fetches of connections that are closed: a member that died is missed only when its session ends. */
export class GoneReaders {
  /** Oldest first. */
  #gone: { readonly client: string; readonly fetch: LastFetch }[] = []
  #partitions = 0

  add(fetch: LastFetch): void {
    this.#gone.push({ client: clientKey(fetch), fetch })
    this.#partitions += sizeOf(fetch)
    while (this.#gone.length > mostKept || this.#partitions > mostPartitions) {
      const oldest = this.#gone.shift()
      this.#partitions -= oldest ? sizeOf(oldest.fetch) : 0
    }
  }

  of(client: FetchingClient): LastFetch[] {
    const key = clientKey(client)
    return this.#gone.flatMap((gone) => (gone.client === key ? [gone.fetch] : []))
  }
}

function sizeOf({ plan }: LastFetch): number {
  return plan.wishes.length
}
