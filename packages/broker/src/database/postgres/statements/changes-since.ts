import type { DocumentRow, ImageChanges } from '../../metadata.js'
import type { Connection } from '../connection/connection.js'
import {
  type BrokerFields,
  brokerRow,
  type ChunkFields,
  chunkRow,
  partitionFields,
  partitionRows,
  type TopicFields,
  topicRow,
} from './rows.js'

/** One statement, and so one moment. */
export async function changesSince(connection: Connection, version: number, mostMs: number): Promise<ImageChanges> {
  const [row] = await connection.prepared({ name: 'changes', text: TEXT, values: [version] }, mostMs)
  const found = row as {
    clusterId: string
    version: number
    brokers: BrokerFields[] | null
    topics: TopicFields[] | null
    partitions: unknown
    documents: [string, string, number][] | null
    chunks: ChunkFields[] | null
  }
  return {
    clusterId: found.clusterId,
    version: found.version,
    brokers: (found.brokers ?? []).map(brokerRow),
    topics: (found.topics ?? []).map(topicRow),
    partitions: partitionRows(found.partitions),
    documents: (found.documents ?? []).map(documentRow),
    chunks: (found.chunks ?? []).map(chunkRow),
  }
}

function documentRow([name, content, changed]: [string, string, number]): DocumentRow {
  return { name, content: Buffer.from(content, 'base64'), changed }
}

const TEXT = `select cluster_id as "clusterId", version,
  (select json_agg(json_build_array(broker_id, incarnation, addresses, rack, software, draining, gone, changed) order by broker_id)
    from broker where changed > $1) as brokers,
  (select json_agg(json_build_array(topic_id, name, configs, replication, keep, partitions, deleted_at is not null, changed))
    from topic where changed > $1) as topics,
  (select json_agg(${partitionFields('p')} order by p.part_id) from partition p where p.changed > $1) as partitions,
  (select json_agg(json_build_array(name, encode(content, 'base64'), changed)) from document where changed > $1) as documents,
  (select json_agg(json_build_array(chunk, keep, (extract(epoch from opened_at) * 1000)::bigint, closed_at is not null, changed)
    order by chunk) from chunk where changed > $1) as chunks
  from cluster`
