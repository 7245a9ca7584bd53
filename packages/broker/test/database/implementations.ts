import type { Database } from '../../src/database/database.js'
import type { MemberEntry, Registration } from '../../src/database/members.js'
import { MemoryServer } from '../../src/database/memory/memory-server.js'
import type { PartitionRow } from '../../src/database/metadata.js'
import { StillClock } from '../log/log-fixture.js'

/** One database that brokers share, empty at first. */
export interface SharedDatabase {
  /** As one more process reaches it. */
  connect(): Promise<Database>
  /** Lets time pass there. */
  pass(ms: number): Promise<void>
}

/** What the contract holds for: each must do the same. */
export const implementations: readonly { readonly name: string; start(): Promise<SharedDatabase> }[] = [
  {
    name: 'memory',
    async start() {
      const clock = new StillClock()
      const server = new MemoryServer({ clock, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' })
      return {
        connect: async () => server.connect(),
        pass: async (ms) => {
          clock.time += ms
        },
      }
    },
  },
]

export const LEASE_MS = 3000

export function entry(brokerId: number | undefined, port = 9000 + (brokerId ?? 0)): MemberEntry {
  return {
    brokerId,
    addresses: new Map([['PLAINTEXT', { host: 'here', port }]]),
    rack: null,
    software: '1',
    isDraining: false,
    leaseMs: LEASE_MS,
  }
}

/** Registers a broker that must not be refused. */
export async function register(database: Database, brokerId: number): Promise<Registration> {
  const registration = await database.members.register(entry(brokerId))
  if (registration === 'taken') throw new Error(`Broker ${brokerId} is taken.`)
  return registration
}

/** Makes a topic whose partitions are led by these brokers; answers its partitions. */
export async function createTopic(
  database: Database,
  name: string,
  leaders: readonly (number | null)[],
): Promise<PartitionRow[]> {
  const topicId = `id-of-${name}`
  await database.metadata.createTopics([
    { topicId, name, configs: new Map(), replicationFactor: 1, keep: '10d', leaders },
  ])
  return partitionsOf(database, topicId)
}

export async function partitionsOf(database: Database, topicId: string): Promise<PartitionRow[]> {
  const { partitions } = await database.metadata.changesSince(0)
  return partitions.filter((partition) => partition.topicId === topicId).sort((a, b) => a.index - b.index)
}
