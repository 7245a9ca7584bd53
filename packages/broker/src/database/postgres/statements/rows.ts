// Rows as statements answer them: arrays in JSON, which are smaller than objects and read faster.
import type { Address } from '@rivven/runtime'
import type { BrokerRow, ChunkRow, Keep, PartitionRow, TopicRow } from '../../metadata.js'

export type PartitionFields = [number, string, number, number | null, number, number, number]

export function partitionFields(table: string): string {
  const columns = ['part_id', 'topic_id', 'idx', 'leader', 'incarnation', 'epoch', 'changed']
  return `json_build_array(${columns.map((column) => `${table}.${column}`).join(', ')})`
}

export function partitionRow(fields: PartitionFields): PartitionRow {
  const [partId, topicId, index, leader, incarnation, epoch, changed] = fields
  return { partId, topicId, index, leader, incarnation, epoch, changed }
}

/** Null: there are none. */
export function partitionRows(rows: unknown): PartitionRow[] {
  return ((rows ?? []) as PartitionFields[]).map(partitionRow)
}

export type AddressFields = Record<string, Address>

export type BrokerFields = [number, number, AddressFields, string | null, string, boolean, boolean, number]

export function brokerRow(fields: BrokerFields): BrokerRow {
  const [brokerId, incarnation, addresses, rack, software, isDraining, isGone, changed] = fields
  return {
    ...{ brokerId, incarnation, rack, software, isDraining, isGone, changed },
    addresses: new Map(Object.entries(addresses)),
  }
}

export type TopicFields = [string, string, Record<string, string>, number, Keep, number, boolean, number]

export function topicRow(fields: TopicFields): TopicRow {
  const [topicId, name, configs, replicationFactor, keep, partitionCount, isDeleted, changed] = fields
  return {
    ...{ topicId, name, replicationFactor, keep, partitionCount, isDeleted, changed },
    configs: new Map(Object.entries(configs)),
  }
}

export type ChunkFields = [number, Keep, number, boolean, number]

export function chunkRow([chunk, keep, openedAt, isClosed, changed]: ChunkFields): ChunkRow {
  return { chunk, keep, openedAt, isClosed, changed }
}
