import type { Catalog } from '../catalog/catalog.js'
import type { Readers, Reading } from '../fetch/readers.js'
import type { FetchingClient } from '../fetch/waiting-fetches.js'
import type { Standing } from './standings.js'
import type { Isolation } from './what-waits.js'

/** So long after its last fetch a member is silent. */
const silentMs = 60_000

/** Members of a group. */
type Clients = Iterable<FetchingClient>

type ReadPlace = Pick<Standing, 'topic' | 'partition' | 'log'> & { readonly committed: { readonly offset: number } }

export interface ReadSources {
  readonly catalog: Catalog
  readonly readers: Readers
}

/** Members that read a partition here do so with read_committed, all of them, as far as is known; else it is taken for uncommitted. */
export function isolationOf(clients: Clients, standing: ReadPlace, sources: ReadSources): Isolation {
  const { log, committed } = standing
  // Both read the same.
  if (!log || (log.producers.markers.to <= committed.offset && log.lastStableOffset >= log.highWatermark))
    return 'uncommitted'
  const readings = readingsOf(clients, standing, sources)
  return readings.length > 0 && readings.every(({ isCommitted }) => isCommitted) ? 'committed' : 'uncommitted'
}

/** Nobody of the group has fetched a partition that is led here for long. */
export function isSilent(clients: Clients, standing: ReadPlace, sources: ReadSources & { now: number }): boolean {
  if (!standing.log) return false
  return readingsOf(clients, standing, sources).every(({ at }) => sources.now - at > silentMs)
}

function readingsOf(clients: Clients, standing: ReadPlace, { catalog, readers }: ReadSources): Reading[] {
  const { topic, partition } = standing
  const topicId = catalog.topic(topic)?.id ?? ''
  const readings: Reading[] = []
  for (const client of clients) readings.push(...readers.of(client, { topic, topicId, partition }))
  return readings
}
