import type { Places } from '../../../storage/shared/shared-context.js'
import type { ImageFollower } from './image-follower.js'

/** Where partitions lie in the database, as the newest rows say. Who opens a partition has met its rows. */
export function placesIn(follower: ImageFollower): Places {
  return {
    partIdOf({ topic, topicId, partition }) {
      const row = follower.rows.partitionsOf(topicId)[partition]
      if (!row) throw new Error(`${topic}-${partition} is not in the image.`)
      return row.partId
    },
    currentChunk({ topicId }) {
      const { rows } = follower
      // Of a topic that is deleted nothing is taken, in whichever chunk.
      const chunk = rows.openChunk(rows.topics.get(topicId)?.keep ?? 'kept') ?? rows.openChunk('kept')
      if (chunk === undefined) throw new Error('The database has no chunk for what is to be kept.')
      return chunk
    },
    chunk: (chunk) => follower.rows.chunks.get(chunk),
  }
}
