import type { BrokerRow, PartitionRow, TopicRow } from '../../../database/metadata.js'
import type { BrokerNode, ClusterImage, PartitionLeader, TopicImage } from '../../image.js'
import { askedLeadersDocument, readAskedLeaders } from '../asked/asked-leaders-document.js'
import type { ChangedRows, ImageRows } from './image-rows.js'

/** The next image: what the changed rows do not touch is that of the one before. */
export function imageOf(rows: ImageRows, changed: ChangedRows, before: ClusterImage, version: number): ClusterImage {
  const brokers = changed.brokers ? brokersOf(rows, before) : before.brokers
  // Who a leader is depends on its broker, too.
  const touched = changed.brokers ? new Set([...rows.topics.keys(), ...changed.topics]) : changed.topics
  const topics = touched.size > 0 ? topicsOf(rows, touched, before) : before.topics
  const isAskedAnew = changed.documents.has(askedLeadersDocument)
  const asked = isAskedAnew ? readAskedLeaders(rows.documents.get(askedLeadersDocument)?.content) : before.asked
  return { version, brokers, topics, asked }
}

function brokersOf(rows: ImageRows, before: ClusterImage): ReadonlyMap<number, BrokerNode> {
  const sorted = [...rows.brokers.values()].sort((a, b) => a.brokerId - b.brokerId)
  return new Map(sorted.map((row) => [row.brokerId, same(before.brokers.get(row.brokerId), nodeOf(row))]))
}

function nodeOf({ brokerId, incarnation, addresses, rack, isDraining }: BrokerRow): BrokerNode {
  return { id: brokerId, incarnation, addresses, rack, isDraining }
}

function same(before: BrokerNode | undefined, now: BrokerNode): BrokerNode {
  const isSame = before?.incarnation === now.incarnation && before.isDraining === now.isDraining
  return before && isSame ? before : now
}

function topicsOf(rows: ImageRows, touched: ReadonlySet<string>, before: ClusterImage): ClusterImage['topics'] {
  const topics = new Map([...before.topics].filter(([, { id }]) => rows.topics.has(id)))
  for (const id of touched) {
    const row = rows.topics.get(id)
    if (row) topics.set(row.name, topicOf(rows, row, before.topics.get(row.name)))
  }
  const isSame =
    topics.size === before.topics.size && [...topics].every(([name, topic]) => before.topics.get(name) === topic)
  return isSame ? before.topics : topics
}

function topicOf(rows: ImageRows, { name, topicId }: TopicRow, before: TopicImage | undefined): TopicImage {
  const old = before?.id === topicId ? before.partitions : []
  const partitions = rows.partitionsOf(topicId).map((row, index) => leaderOf(rows, row, old[index]))
  const isSame =
    before?.id === topicId && partitions.length === old.length && partitions.every((one, at) => one === old[at])
  return isSame ? before : { name, id: topicId, partitions }
}

/** A leader that was replaced by a later life of its broker leads nothing. */
function leaderOf(rows: ImageRows, row: PartitionRow, before: PartitionLeader | undefined): PartitionLeader {
  const broker = row.leader === null ? undefined : rows.brokers.get(row.leader)
  const leader = broker !== undefined && broker.incarnation > row.incarnation ? null : row.leader
  const isSame = before?.partId === row.partId && before.leader === leader && before.epoch === row.epoch
  return isSame ? before : { partId: row.partId, leader, epoch: row.epoch }
}
