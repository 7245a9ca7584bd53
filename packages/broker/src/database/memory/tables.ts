import type { Checkpoint, SegmentRow } from '../log-tables.js'
import {
  type BrokerRow,
  type ChunkRow,
  type DocumentRow,
  type IdKind,
  keepClasses,
  type PartitionRow,
  type TopicRow,
} from '../metadata.js'
import { SegmentBatches } from './segment-batches.js'

export interface LeasedBroker extends BrokerRow {
  readonly leaseUntil: number
}

export interface DatedTopic extends TopicRow {
  /** When it was deleted. */
  readonly deletedAt: number
}

export interface DatedChunk extends ChunkRow {
  readonly closedAt: number
}

export interface DeadSegment {
  readonly chunk: number
  /** A minute later its data go. */
  readonly since: number
}

/** All rows. They are replaced, never changed, so that a copy of the tables is one of moments. */
export class Tables {
  readonly clusterId: string
  version = 1
  timeline = 1
  /** That of the last registration. */
  registeredOn: number | undefined
  nextIds: Readonly<Record<IdKind | 'partition' | 'chunk', number>> = {
    producer: 0,
    segment: 1,
    partition: 1,
    chunk: 1,
  }
  readonly brokers = new Map<number, LeasedBroker>()
  readonly topics = new Map<string, DatedTopic>()
  /** Ids of those that are not deleted. */
  readonly idsByName = new Map<string, string>()
  readonly partitions = new Map<number, PartitionRow>()
  readonly documents = new Map<string, DocumentRow>()
  readonly chunks = new Map<number, DatedChunk>()
  readonly segments = new Map<number, SegmentRow>()
  readonly checkpoints = new Map<number, Checkpoint>()
  readonly deadSegments = new Map<number, DeadSegment>()
  readonly batches = new Map<number, SegmentBatches>()

  constructor(clusterId: string) {
    this.clusterId = clusterId
  }

  /** Of a cluster in which nothing has happened: every class has a chunk that takes segments. */
  static begin(clusterId: string, now: number): Tables {
    const tables = new Tables(clusterId)
    for (const keep of keepClasses) {
      const chunk = tables.takeIds('chunk', 1)
      tables.chunks.set(chunk, { chunk, keep, openedAt: now, isClosed: false, closedAt: 0, changed: tables.version })
    }
    return tables
  }

  copy(): Tables {
    const copy = new Tables(this.clusterId)
    copy.version = this.version
    copy.timeline = this.timeline
    copy.registeredOn = this.registeredOn
    copy.nextIds = this.nextIds
    for (const name of mapsOf) fill(copy[name] as Map<unknown, unknown>, this[name])
    for (const [id, batches] of this.batches) copy.batches.set(id, batches.copy())
    return copy
  }

  takeIds(kind: keyof Tables['nextIds'], count: number): number {
    const first = this.nextIds[kind]
    this.nextIds = { ...this.nextIds, [kind]: first + count }
    return first
  }

  segmentsOf(partId: number): SegmentRow[] {
    const own = [...this.segments.values()].filter((segment) => segment.partId === partId)
    return own.sort((a, b) => a.baseOffset - b.baseOffset)
  }

  /** Made where there is none. */
  batchesOf(segmentId: number): SegmentBatches {
    const batches = this.batches.get(segmentId) ?? new SegmentBatches()
    this.batches.set(segmentId, batches)
    return batches
  }
}

const mapsOf = [
  'brokers',
  'topics',
  'idsByName',
  'partitions',
  'documents',
  'chunks',
  'segments',
  'checkpoints',
  'deadSegments',
] as const

function fill<Key, Row>(map: Map<Key, Row>, from: ReadonlyMap<Key, Row>): void {
  for (const [key, row] of from) map.set(key, row)
}
