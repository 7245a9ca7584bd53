import { type CommittedOffset, defaultGroupConfig, encodeEvent, fetchOffsets } from '@rivven/groups'
import { batchesOf, batchNextOffset, buildBatch, isBatchCrcRight, readRecords, ZERO_UUID } from '@rivven/protocol'
import { nodeClock, nodeRuntime, type Runtime } from '@rivven/runtime'
import type { Catalog } from '../../src/catalog/catalog.js'
import { AloneCluster } from '../../src/cluster/alone/alone-cluster.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { GroupRules } from '../../src/coordinator/groups/group-rules.js'
import { loadShard } from '../../src/coordinator/shards/load-shard.js'
import { compactLog } from '../../src/log/cleaning/compaction.js'
import type { Logs } from '../../src/log/logs.js'
import type { StoredLog } from '../../src/log/stored-log.js'
import { silentLog } from '../../src/log-output.js'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import type { StorageNotice } from '../../src/storage/notices.js'
import { batchOf, StillClock } from '../log/log-fixture.js'
import type { MemoryDisk } from './memory-disk.js'

const offsetsTopic = '__consumer_offsets'
const timestamp = 1_700_000_000_000

/** What of a broker has to do with its files: catalog, ids, logs, and the offsets of a group. */
export class DataFolder {
  readonly notices: StorageNotice[] = []
  /** What a client says of batches that it refuses. */
  readonly refused: string[] = []
  readonly clock = new StillClock()
  catalog!: Catalog
  logs!: Logs

  static async open(disk: MemoryDisk): Promise<DataFolder> {
    const folder = new DataFolder()
    const { clock } = folder
    const limits = { tailCacheBytes: 0, journalBytes: 100_000 }
    const storage = await FileStorage.open({ folder: '/data', disk, clock, ...limits })
    storage.onNotice((notice) => folder.notices.push(notice))
    const runtime = nodeRuntime()
    const cluster = await AloneCluster.open({ storage, runtime, config: brokerConfig(), warn: () => undefined })
    folder.catalog = cluster.catalog
    folder.logs = await cluster.openLogs({ clock })
    return folder
  }

  /** Two topics of records and one of commits, in some segments each; the first lost its oldest records to DeleteRecords. */
  async fill(): Promise<void> {
    await this.catalog.createTopic('orders', 2)
    const compacted = new Map([['cleanup.policy', 'compact']])
    await this.catalog.createTopic('table', 1, compacted)
    await this.catalog.createTopic(offsetsTopic, 1, compacted)
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < 3; index++) {
        await this.append('orders', 0, batchOf([`${'k'.repeat(round + 1)}${round}${index}=v`]))
        await this.append('orders', 1, batchOf([`o${round}${index}=v`]))
        await this.append('table', 0, batchOf([`key${index}=value${round}`]))
        await this.append(offsetsTopic, 0, buildBatch({ records: [committed(index, round * 10 + index)] }))
      }
      if (round === 3) break
      for (const log of this.all()) log.roll()
    }
    await this.log('orders', 0).deleteRecordsBefore(4)
  }

  log(topic: string, partition: number): StoredLog {
    return this.logs.get(topic, partition) as StoredLog
  }

  all(): StoredLog[] {
    return [this.log('orders', 0), this.log('orders', 1), this.log('table', 0), this.log(offsetsTopic, 0)]
  }

  async append(topic: string, partition: number, batch: Buffer): Promise<number> {
    const { errorCode, baseOffset } = await this.log(topic, partition).append(batch, {
      acks: -1,
      origin: 'coordinator',
    })
    if (errorCode !== 0) throw new Error(`error ${errorCode}`)
    return baseOffset
  }

  /** 'topic-partition offset key=value' of every record, as a client that checks checksums reads them. */
  async contents(): Promise<string[]> {
    const lines: string[] = []
    for (const log of this.all()) {
      for (let offset = log.logStartOffset; offset < log.highWatermark; ) {
        const read = await log.read({ offset, maxBytes: 1 << 20, atLeastOne: true, isolation: 'uncommitted' })
        if (read.errorCode !== 0 && read.damagedUntil === undefined) throw new Error(`error ${read.errorCode}`)
        const before = offset
        offset = read.damagedUntil ?? offset
        for (const batch of read.records.flatMap((records) => [...batchesOf(records)])) {
          offset = batchNextOffset(batch)
          if (isBatchCrcRight(batch)) lines.push(...linesOf(log, batch))
          else this.refused.push(`${log.topic}-${log.partition}. The checksum of the batch at ${offset} is wrong.`)
        }
        if (offset <= before) throw new Error(`${log.topic} stands still at ${offset}`)
      }
    }
    return lines
  }

  /** Committed offsets of partitions 0 to 2. */
  async committed(): Promise<number[]> {
    const runtime = { random: { uuid: () => 'id' } } as unknown as Runtime
    const rules = new GroupRules({ runtime, config: defaultGroupConfig, logger: silentLog() })
    const shard = rules.create()
    const log = this.log(offsetsTopic, 0)
    await loadShard(rules, shard, log, { endOffset: log.logEndOffset, clock: nodeClock, skipped: () => undefined })
    const { topics } = fetchOffsets(shard, { groupId: 'g', topics: null }, false)
    const found = new Map(
      topics.flatMap(({ partitions }) => partitions.map((p) => [p.partitionIndex, p.committedOffset] as const)),
    )
    return [0, 1, 2].map((partition) => found.get(partition) ?? -1)
  }

  async compact(): Promise<void> {
    for (const log of this.all()) await compactLog(log, this.clock).catch(() => undefined)
  }
}

function committed(partition: number, offset: number) {
  const value: CommittedOffset = {
    ...{ offset, leaderEpoch: -1, metadata: '', topicId: ZERO_UUID },
    ...{ commitTimestamp: timestamp, expireTimestamp: -1 },
  }
  return { ...encodeEvent({ kind: 'OffsetCommitted', groupId: 'g', topic: 't', partition, offset: value }), timestamp }
}

function linesOf({ topic, partition }: StoredLog, batch: Buffer): string[] {
  return [...readRecords(batch)].map(
    ({ offset, key, value }) =>
      `${topic}-${partition} ${offset} ${key?.toString('latin1')}=${value?.toString('latin1')}`,
  )
}
