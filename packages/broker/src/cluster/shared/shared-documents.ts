import type { Clock } from '@rivven/runtime'
import type { Metadata } from '../../database/metadata.js'
import type { Documents, VersionedDocument } from '../documents.js'
import { CALL_MS } from './cluster-times.js'
import type { ImageFollower } from './image/image-follower.js'
import { insist } from './insist.js'

export interface SharedDocumentsOptions {
  readonly metadata: Metadata
  readonly follower: ImageFollower
  readonly clock: Clock
}

/** Documents that lie in the database; each broker has all of them. */
export class SharedDocuments implements Documents {
  readonly #options: SharedDocumentsOptions

  constructor(options: SharedDocumentsOptions) {
    this.#options = options
  }

  async read(name: string): Promise<VersionedDocument | undefined> {
    const row = this.#options.follower.rows.documents.get(name)
    return row && { content: row.content, version: row.changed }
  }

  async replace(name: string, expected: number | undefined, content: Uint8Array): Promise<number | undefined> {
    const { metadata, follower, clock } = this.#options
    follower.mustFollow()
    const bytes = Buffer.from(content)
    const { isDone, version } = await insist(clock, CALL_MS, () => metadata.replaceDocument(name, expected ?? 0, bytes))
    await follower.reach(version)
    if (isDone) return version
    // Done by a try whose answer was lost: it is there, as it was to be.
    const row = follower.rows.documents.get(name)
    return row && row.changed > (expected ?? 0) && row.content.equals(bytes) ? row.changed : undefined
  }

  onChange(listener: (name: string) => void): () => void {
    return this.#options.follower.onChange((_now, _before, { documents }) => {
      for (const name of documents) listener(name)
    })
  }
}
