import type { Database } from '../../src/database/database.js'
import type { MemberEntry, Registration } from '../../src/database/members.js'
import { MemoryServer } from '../../src/database/memory/memory-server.js'
import type { PartitionRow } from '../../src/database/metadata.js'
import { StillClock } from '../log/log-fixture.js'
import { hasPostgres, PostgresUnderTest } from './postgres-under-test.js'

/** One database that brokers share, empty at first. */
export interface SharedDatabase {
  /** As one more process reaches it. */
  connect(): Promise<Database>
  /** Lets time pass there. */
  pass(ms: number): Promise<void>
  /** Another server takes its place, with all that was stored; its connections and sessions end. */
  failOver(): Promise<void>
  /** Resolves when somebody waits for the lock of a broker id. */
  untilWatched(brokerId: number): Promise<void>
  /** All of it is gone; otherwise that is so after the test. */
  end(): Promise<void>
}

interface Implementation {
  readonly name: string
  /** How many random ones `npm test` has the time for; `PROGRAMS=500` runs more. */
  readonly programs: number
  start(): Promise<SharedDatabase>
}

const postgres: Implementation = {
  name: 'PostgreSQL',
  programs: 20,
  async start() {
    const database = await PostgresUnderTest.start()
    return {
      connect: () => database.connect(),
      pass: (ms) => database.pass(ms),
      failOver: () => database.failOver(),
      untilWatched: (brokerId) => database.untilWatched(brokerId),
      end: () => database.remove(),
    }
  },
}

/** What the contract holds for: each must do the same. */
export const implementations: readonly Implementation[] = [
  {
    name: 'memory',
    programs: 500,
    async start() {
      const clock = new StillClock()
      const server = new MemoryServer({ clock, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' })
      return {
        connect: async () => server.connect(),
        pass: async (ms) => {
          clock.time += ms
        },
        failOver: async () => server.failOver(),
        // Whoever asks waits at once.
        untilWatched: async () => undefined,
        end: async () => undefined,
      }
    },
  },
  ...(hasPostgres ? [postgres] : []),
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
