import {
  batchesOf,
  buildBatch,
  buildControlBatch,
  isBatchCrcRight,
  type RecordToWrite,
  readRecords,
} from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { nextStartEpoch } from '../../src/cluster/alone/start-epoch.js'
import { LogStore, type LogStoreOptions } from '../../src/log/log-store.js'
import type { LogTopic, TopicLogConfig } from '../../src/log/logs.js'
import type { AppendResult, ReadRequest, ReadResult } from '../../src/log/partition-log.js'
import type { StoredLog } from '../../src/log/stored-log.js'
import type { OwnStorage } from '../../src/storage/own-storage.js'
import { topicConfig } from './record-vectors.js'

/** A clock that stands still until it is set; its timers run in the next turn of the event loop. */
export class StillClock implements Clock {
  time = 1_700_000_000_000

  now(): number {
    return this.time
  }

  monotonic(): number {
    return this.time
  }

  setTimer(_delayMs: number, callback: () => void) {
    const timer = setImmediate(callback)
    return { cancel: () => clearImmediate(timer) }
  }
}

/** Logs of a broker that is alone: all have the epoch of its start, above that of the start before. */
export class StartedLogs extends LogStore {
  private readonly epoch: number

  static async start(options: LogStoreOptions & { storage: OwnStorage }): Promise<StartedLogs> {
    return new StartedLogs(options, await nextStartEpoch(options.storage))
  }

  private constructor(options: LogStoreOptions, epoch: number) {
    super(options)
    this.epoch = epoch
  }

  create(topic: LogTopic, partitions: readonly number[]): Promise<void> {
    return this.open(topic, partitions, this.epoch)
  }
}

/** One partition over one storage, which can be stopped, killed and started again. */
export class OnePartition {
  readonly clock: StillClock
  log!: StoredLog
  logs!: StartedLogs
  storage!: OwnStorage
  private config: TopicLogConfig
  private readonly openStorage: () => Promise<OwnStorage>

  constructor(openStorage: () => Promise<OwnStorage>, clock: StillClock, config: Partial<TopicLogConfig>) {
    this.openStorage = openStorage
    this.clock = clock
    this.config = topicConfig(config)
  }

  async start(): Promise<this> {
    this.storage = await this.openStorage()
    this.logs = await StartedLogs.start({ storage: this.storage, clock: this.clock })
    await this.logs.create({ name: 'orders', id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: this.config }, [0])
    this.log = this.logs.get('orders', 0) as StoredLog
    return this
  }

  async restart(): Promise<void> {
    await this.logs.close()
    await this.start()
  }

  configure(config: Partial<TopicLogConfig>): void {
    this.config = { ...this.config, ...config }
    this.logs.configure('orders', this.config)
  }

  append(batch: Buffer, acks: -1 | 0 | 1 = -1, produceVersion = 9): Promise<AppendResult> {
    return this.log.append(batch, { acks, produceVersion, origin: 'client' })
  }

  appendOwn(batch: Buffer): Promise<AppendResult> {
    return this.log.append(batch, { acks: -1, origin: 'coordinator' })
  }

  async read(offset: number, request: Partial<ReadRequest> = {}): Promise<ReadResult> {
    return this.log.read({ offset, maxBytes: 1 << 20, atLeastOne: true, isolation: 'uncommitted', ...request })
  }

  /**
   * 'offset key=value' of all records from an offset on, control records left out. As a client sees it: 'damaged from-to' is
   * an error 2, or a batch with a wrong checksum.
   */
  async contents(from = this.log.logStartOffset): Promise<string[]> {
    const lines: string[] = []
    for (let offset = from; offset < this.log.highWatermark; ) {
      const result = await this.read(offset)
      if (result.damagedUntil !== undefined) {
        lines.push(`damaged ${offset}-${result.damagedUntil - 1}`)
        offset = result.damagedUntil
        continue
      }
      if (result.errorCode !== 0) return [`error ${result.errorCode}`]
      if (result.size === 0) break
      for (const batch of result.records.flatMap((records) => [...batchesOf(records)])) {
        offset = Math.max(offset, Number(batch.readBigInt64BE(0)) + batch.readInt32BE(23) + 1)
        if (!isBatchCrcRight(batch)) {
          lines.push(`damaged ${batch.readBigInt64BE(0)}-${offset - 1}`)
          continue
        }
        if (batch.readInt16BE(21) & 0x20) continue
        for (const record of readRecords(batch)) {
          if (record.offset >= from) lines.push(`${record.offset} ${record.key}=${record.value}`)
        }
      }
    }
    return lines
  }
}

/** A batch of records written 'key=value', 'key' being a tombstone; all have one timestamp. */
export function batchOf(
  records: readonly string[],
  options: Partial<Parameters<typeof buildBatch>[0]> = {},
  timestamp = 1_700_000_000_000,
): Buffer {
  return buildBatch({ records: records.map((text) => recordOf(text, timestamp)), ...options })
}

/** The same of an idempotent producer. */
export function sequenced(producerId: number, producerEpoch: number, baseSequence: number, count = 1): Buffer {
  const records = Array.from({ length: count }, (_, index) => `k${baseSequence + index}=v`)
  return batchOf(records, { producerId, producerEpoch, baseSequence })
}

export function marker(type: 'COMMIT' | 'ABORT', producerId: number, producerEpoch = 0, coordinatorEpoch = 0): Buffer {
  return buildControlBatch({ type, producerId, producerEpoch, coordinatorEpoch, timestamp: 1_700_000_000_000 })
}

function recordOf(text: string, timestamp: number): RecordToWrite {
  const [key, value] = text.split('=')
  return { key: Buffer.from(key!), value: value === undefined ? null : Buffer.from(value), timestamp }
}
