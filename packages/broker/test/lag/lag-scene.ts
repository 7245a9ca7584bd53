import { createShard, encodeAssignment, type Group, type Member, replay } from '@rivven/groups'
import { ZERO_UUID } from '@rivven/protocol'
import type { Catalog } from '../../src/catalog/catalog.js'
import type { EndOffsets } from '../../src/cluster/peers/end-offsets.js'
import { Readers } from '../../src/fetch/readers.js'
import { GroupLag } from '../../src/lag/group-lag.js'
import type { LagElsewhere } from '../../src/lag/lag-elsewhere.js'
import type { LagRow } from '../../src/lag/lag-row.js'
import type { TopicLogConfig } from '../../src/log/logs.js'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js'
import { batchOf, marker, OnePartition, StillClock } from '../log/log-fixture.js'

export const begin = 1_700_000_000_000
export const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ'
const topic = { name: 'orders', id: topicId, partitionCount: 2 }
const connection = { closed: false, onClose: () => () => undefined, close: () => undefined }

/** One group over one partition of `orders`, on a clock that the test moves. */
export class LagScene {
  readonly group: Group = emptyGroup()
  readonly lag: GroupLag
  readonly #readers: Readers
  #topics = new Map([[topic.name, topic]])

  private constructor(readonly part: OnePartition) {
    const { clock } = part
    this.#readers = new Readers(clock)
    this.lag = new GroupLag({
      catalog: { topic: (name: string) => this.#topics.get(name) } as unknown as Catalog,
      logs: {
        view: (name: string, partition: number) => part.logs.view(name, partition),
      } as OnePartition['logs'],
      endOffsets: { of: () => undefined } as unknown as EndOffsets,
      elsewhere: { of: () => undefined, learn: async () => undefined } as unknown as LagElsewhere,
      ...{ readers: this.#readers, clock, windowMs: 120_000, groups: () => [this.group] },
    })
  }

  static async open(config: Partial<TopicLogConfig> = {}): Promise<LagScene> {
    const clock = new StillClock()
    clock.time = begin
    const storage = new MemoryStorage(clock)
    return new LagScene(await new OnePartition(async () => storage, clock, config).start())
  }

  /** From now on it is so many ms after the begin. */
  at(ms: number): void {
    this.part.clock.time = begin + ms
  }

  get now(): number {
    return this.part.clock.time
  }

  async produce(count = 1, options: Parameters<typeof batchOf>[1] = {}): Promise<void> {
    await this.part.append(
      batchOf(
        Array.from({ length: count }, (_, at) => `k${at}=v`),
        options,
        this.now,
      ),
    )
  }

  produceOpen(baseSequence = 0): Promise<void> {
    return this.produce(1, { producerId: 7, producerEpoch: 0, baseSequence, isTransactional: true })
  }

  async end(type: 'COMMIT' | 'ABORT'): Promise<void> {
    await this.part.appendOwn(marker(type, 7))
  }

  commit(offset: number, id = ZERO_UUID, partition = 0): void {
    const times = { commitTimestamp: this.now, expireTimestamp: -1 }
    this.group.offsets.commit('orders', partition, { offset, leaderEpoch: -1, metadata: '', ...times, topicId: id })
  }

  /** A member that owns partitions, and fetches partition 0. */
  join(memberId: string, partitions: number[], reads?: 'committed' | 'uncommitted'): void {
    const assignment = encodeAssignment({ assignedPartitions: [{ topic: 'orders', partitions }] })
    const client = { clientId: memberId, clientHost: '/10.0.0.1' }
    this.group.protocolType = 'consumer'
    this.group.members.set(memberId, { memberId, ...client, assignment } as Member)
    if (reads) this.fetch(client, reads)
  }

  fetch(client: { clientId: string; clientHost: string }, reads: 'committed' | 'uncommitted'): void {
    const wish = { topic: 'orders', topicId: ZERO_UUID, partition: 0, currentLeaderEpoch: -1, fetchOffset: 0 }
    const wishes = [{ ...wish, lastFetchedEpoch: -1, maxBytes: 1 }]
    const plan = { kind: 'full', session: undefined, wishes } as const
    this.#readers.note({ ...connection }, { client, isCommitted: reads === 'committed', plan })
  }

  deleteTopic(): void {
    this.#topics = new Map()
  }

  rows(): Promise<LagRow[]> {
    return this.lag.rowsOf(this.group)
  }

  /** The row of partition 0. */
  async row(): Promise<LagRow> {
    const [row] = await this.rows()
    if (!row) throw new Error('no row')
    return row
  }

  /** Samples every ten seconds, for so long. */
  async sampleFor(ms: number, each: (ms: number) => Promise<void> | void = () => undefined): Promise<void> {
    const from = this.now - begin
    for (let at = from; at <= from + ms; at += 10_000) {
      this.at(at)
      await each(at)
      await this.lag.sampler.pass()
    }
  }
}

function emptyGroup(): Group {
  const shard = createShard({ newId: () => 'id' })
  replay(shard, { kind: 'GenerationReserved', groupId: 'g', generation: 1 })
  return shard.groups.get('g') as Group
}
