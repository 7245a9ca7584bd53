// What the requests find: topics of 100,000 partitions, groups, a producer with a transaction, a parked member.
import { CreateTopics, InitProducerId, JoinGroup, OffsetCommit } from '@rivven/protocol'
import { frameOf, open } from './wire.mjs'

const topics = 9
const width = 10_000

/** What is stored: a start finds it again. */
export async function store(port, { groups, transactionalIds }) {
  const wire = await open(port)
  for (let at = 0; at < topics; at++) {
    const topic = { name: `wide-${at}`, numPartitions: width, replicationFactor: 1 }
    await wire.ask(CreateTopics, 5, { timeoutMs: 9_000, validateOnly: false, topics: [topic] })
  }
  await pipelined(wire, groups, (at) => frameOf(OffsetCommit, 8, commitOf(`g${at}`, [at % width])))
  await pipelined(wire, transactionalIds, (at) => frameOf(InitProducerId, 4, producerOf(`t${at}`)))
  // As many as one request may have (net/element-limits.ts): the topic counts, too.
  const indexes = Array.from({ length: width - 2 }, (_, index) => index)
  const isCommitted = await wire.ask(OffsetCommit, 8, commitOf('large-kept', indexes))
  if (!isCommitted) throw new Error('the broker refuses the commit of the large group')
  wire.destroy()
}

/** What is of this moment: a producer and a member that waits. */
export async function setUp(port) {
  const wire = await open(port)
  const { producerId, producerEpoch } = await wire.ask(InitProducerId, 4, producerOf('tx'))
  const parkedId = await parkMember(port)
  wire.destroy()
  return { producer: { producerId, producerEpoch }, parkedId }
}

const producerOf = (transactionalId) => ({ transactionalId, transactionTimeoutMs: 600_000 })

function commitOf(groupId, indexes) {
  const partitions = indexes.map((partitionIndex) => ({ partitionIndex, committedOffset: 3, committedMetadata: '' }))
  return { groupId, generationIdOrMemberEpoch: -1, memberId: '', topics: [{ name: 'wide-0', partitions }] }
}

async function pipelined(wire, count, frame) {
  for (let at = 0; at < count; at += 1_000) {
    const frames = Array.from({ length: Math.min(1_000, count - at) }, (_, index) => frame(at + index))
    const before = wire.answers
    wire.write(Buffer.concat(frames))
    await wire.received(before + frames.length)
    if (wire.isClosed) throw new Error('the broker has closed the connection')
  }
}

/** A member whose JoinGroup waits for another that does not join again; returns its id. */
async function parkMember(port) {
  const join = { groupId: 'parked', sessionTimeoutMs: 600_000, rebalanceTimeoutMs: 600_000, protocolType: 'consumer' }
  const protocols = [{ name: 'range', metadata: Buffer.alloc(0) }]
  const absent = await open(port)
  await absent.ask(JoinGroup, 3, { ...join, memberId: '', protocols })
  const wire = await open(port)
  const { memberId } = await wire.ask(JoinGroup, 5, { ...join, memberId: '', protocols })
  wire.write(frameOf(JoinGroup, 5, { ...join, memberId, protocols }))
  return memberId
}
