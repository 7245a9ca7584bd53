import type { LagTrack } from '@rivven/groups'
import type { GroupSample } from './group-sample.js'
import { TrackTable } from './track-table.js'

/** What is remembered of one group: by topic, then by partition. */
export class GroupTracks {
  /** The last one. */
  sample: GroupSample | undefined
  readonly #topics = new Map<string, TrackTable>()

  /** Reads the track of a partition into `track`; false: it has none that the last sample has seen. */
  read(topic: string, partition: number, track: LagTrack): boolean {
    const isKnown = this.#topics.get(topic)?.read(partition, track) ?? false
    return isKnown && this.sample !== undefined && track.sampledAt >= this.sample.at
  }

  write(topic: string, partition: number, track: LagTrack): void {
    let table = this.#topics.get(topic)
    if (table === undefined) {
      table = new TrackTable()
      this.#topics.set(topic, table)
    }
    table.write(partition, track)
  }

  /** Forgets topics of which this sample has seen nothing. */
  sampled(sample: GroupSample): void {
    this.sample = sample
    for (const [topic, table] of this.#topics) if (table.writtenAt < sample.at) this.#topics.delete(topic)
  }
}
