import { type Admin, RivvenError, type TopicDescription } from '@rivven/client'

/** What a broker says of itself. */
export interface BrokerState {
  readonly state: string | null
  readonly leaseAgeMs: number | null
  readonly version: string | null
}

/** What of `GET /api/cluster` is shown. */
export interface BrokerPage {
  readonly self: BrokerState
  readonly moves: readonly PartitionMove[]
  /** Those that it has made; undefined: it is of an earlier release. */
  readonly lastMoves?: readonly MadeMove[]
}

export interface PartitionMove {
  readonly topic: string
  readonly partition: number
  readonly from: number | null
  readonly to: number
  readonly why: string
}

export interface MadeMove extends PartitionMove {
  /** ISO 8601. */
  readonly at: string
  readonly pauseMs: number | null
}

/** Undefined: the broker does not answer, or is none of Rivven's. */
export async function clusterPageOf(admin: Admin, broker: number): Promise<BrokerPage | undefined> {
  try {
    return (await admin.call('GET', '/api/cluster', { broker })) as BrokerPage
  } catch (error) {
    const isElsewhere = error instanceof RivvenError && (error.code === 'UNSUPPORTED_BY_BROKER' || error.retriable)
    if (isElsewhere) return undefined
    throw error
  }
}

const topicsOfCoordinators: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state'])

/** How many partitions a broker leads, and how many of groups and transactions. */
export function ledBy(
  topics: readonly TopicDescription[],
  broker: number,
): { partitions: number; coordinates: number } {
  const led = { partitions: 0, coordinates: 0 }
  for (const { name, partitions } of topics) {
    const count = partitions.filter(({ leader }) => leader === broker).length
    led[topicsOfCoordinators.has(name) ? 'coordinates' : 'partitions'] += count
  }
  return led
}
