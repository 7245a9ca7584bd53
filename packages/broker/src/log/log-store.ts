import type { Clock } from '@rivven/runtime'
import type { PartitionKey, Storage } from '../storage/storage.js'
import { TermOverError } from '../storage/term-over-error.js'
import type { Logs, LogTopic, Scarce, TopicLogConfig } from './logs.js'
import type { PartitionLog } from './partition-log.js'
import { Recovery } from './recovery.js'
import { StoredLog, type StoredLogOptions } from './stored-log.js'
import { type KeptLog, Upkeep } from './upkeep.js'

/** Logs opened or closed at the same time: as much as keeps the disk's threads busy. */
const PARALLEL = 16

export interface LogStoreOptions {
  storage: Storage
  clock: Clock
  /** producer.id.expiration.ms. Default 24 h. */
  producerIdExpirationMs?: number
  /** Producers that a partition remembers; it takes no others. Default: no limit. */
  maxProducers?: number
  /** Told of errors of the disk: the partition goes on, or answers KAFKA_STORAGE_ERROR. */
  onFault?: (partition: PartitionKey, error: Error, during: 'append' | 'upkeep') => void
  /** So many partitions that had no room, or no descriptor, take records again. */
  onRecovered?: (count: number) => void
}

interface OpenTopic {
  name: string
  id: string
  config: TopicLogConfig
  /** The epoch of each partition that is led here. Most of many were never written to: these are opened when somebody asks for them. */
  epochs: (number | undefined)[]
  /** Those that are open. */
  logs: Map<number, StoredLog>
}

/** The logs of all partitions that a broker leads, above one storage engine. */
export class LogStore implements Logs {
  private readonly options: LogStoreOptions
  private readonly topics = new Map<string, OpenTopic>()
  private readonly upkeep: Upkeep
  private readonly recovery: Recovery

  constructor(options: LogStoreOptions) {
    this.options = options
    this.upkeep = new Upkeep({
      clock: options.clock,
      producerIdExpirationMs: options.producerIdExpirationMs ?? 86_400_000,
      logs: () => this.openLogs(),
      onFault: (partition, error) => options.onFault?.(partition, error, 'upkeep'),
    })
    this.recovery = new Recovery({
      clock: options.clock,
      logs: () => this.openLogs().map(({ log }) => log),
      hasRoom: () => options.storage.hasRoom(),
      makeRoom: () => this.upkeep.retain(),
      onRecovered: (count) => options.onRecovered?.(count),
    })
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    const open = this.topics.get(topic)
    const log = open?.logs.get(partition)
    if (log) return log.isLost ? undefined : log
    return open && this.openNew(open, partition)
  }

  has(topic: string, partition: number): boolean {
    const open = this.topics.get(topic)
    return open?.epochs[partition] !== undefined && !open.logs.get(partition)?.isLost
  }

  opened(topic: string, partition: number): PartitionLog | undefined {
    const log = this.topics.get(topic)?.logs.get(partition)
    return log?.isLost ? undefined : log
  }

  async open(topic: LogTopic, partitions: readonly number[], leaderEpoch: number): Promise<void> {
    const open = await this.openTopic(topic)
    const isStored = (partition: number) => this.options.storage.holds(keyOf(open, partition))
    const stored = partitions.filter((partition) => !open.logs.has(partition) && isStored(partition))
    await inParallel(stored, async (partition) => {
      const log = await this.openLog(open, partition, leaderEpoch)
      if (log === undefined) return
      log.config = open.config
      open.logs.set(partition, log)
    })
    for (const partition of partitions) {
      if (open.logs.has(partition) || !isStored(partition)) open.epochs[partition] = leaderEpoch
    }
  }

  async drain(topic: string, partition: number): Promise<void> {
    await this.topics.get(topic)?.logs.get(partition)?.drain()
  }

  async lose(topic: string, partition: number): Promise<void> {
    const open = this.topics.get(topic)
    if (open === undefined) return
    const log = open.logs.get(partition)
    open.epochs[partition] = undefined
    open.logs.delete(partition)
    await log?.lose()
  }

  async delete(topic: string): Promise<void> {
    const open = this.topics.get(topic)
    if (open === undefined) return
    this.topics.delete(topic)
    await inParallel([...open.logs], async ([partition, log]) => {
      await log.abandon()
      await this.options.storage.removePartition({ topic, topicId: open.id, partition })
    })
  }

  configure(topic: string, configs: TopicLogConfig): void {
    const open = this.topics.get(topic)
    if (open === undefined) return
    open.config = configs
    for (const log of open.logs.values()) log.config = configs
  }

  get waiting(): Record<Scarce, number> {
    const { waiting } = this.recovery
    const room = waiting.filter((log) => log.waitsFor === 'room').length
    return { room, descriptors: waiting.length - room }
  }

  async retain(): Promise<void> {
    await this.options.storage.putRoomBy()
    await this.upkeep.retain()
  }

  checkpoint(): Promise<void> {
    return this.upkeep.checkpoint()
  }

  clean(): Promise<void> {
    return this.upkeep.clean()
  }

  async close(): Promise<void> {
    await this.recovery.stop()
    await this.upkeep.stop()
    const logs = this.openLogs()
    this.topics.clear()
    await inParallel(logs, ({ log }) => log.close())
    await this.options.storage.close()
  }

  /** What is left of an earlier topic of this name is lost. */
  private async openTopic({ name, id, configs }: LogTopic): Promise<OpenTopic> {
    const open = this.topics.get(name)
    if (open?.id === id) {
      this.configure(name, configs)
      return open
    }
    const topic: OpenTopic = { name, id, config: configs, epochs: [], logs: new Map<number, StoredLog>() }
    this.topics.set(name, topic)
    await Promise.all(Array.from(open?.logs.values() ?? [], (log) => log.lose()))
    return topic
  }

  /** Undefined: another broker leads it by now. */
  private async openLog(topic: OpenTopic, partition: number, leaderEpoch: number): Promise<StoredLog | undefined> {
    try {
      return await StoredLog.open(this.logOptions(topic, partition, leaderEpoch))
    } catch (error) {
      if (error instanceof TermOverError) return undefined
      throw error
    }
  }

  private openNew(topic: OpenTopic, partition: number): StoredLog | undefined {
    const leaderEpoch = topic.epochs[partition]
    if (leaderEpoch === undefined) return undefined
    const log = StoredLog.openNew(this.logOptions(topic, partition, leaderEpoch))
    if (log) topic.logs.set(partition, log)
    return log
  }

  private logOptions(topic: OpenTopic, partition: number, leaderEpoch: number): StoredLogOptions {
    const { options } = this
    return {
      ...options,
      ...{ partition: keyOf(topic, partition), leaderEpoch, config: topic.config },
      onFault: (...fault) => {
        this.recovery.begin()
        options.onFault?.(...fault)
      },
    }
  }

  private openLogs(): KeptLog[] {
    const found: KeptLog[] = []
    for (const topic of this.topics.values()) {
      for (const [partition, log] of topic.logs) found.push({ key: keyOf(topic, partition), log })
    }
    return found
  }
}

function keyOf({ name, id }: OpenTopic, partition: number): PartitionKey {
  return { topic: name, topicId: id, partition }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const workers = Array.from({ length: Math.min(PARALLEL, items.length) }, async () => {
    for (const item of queue) await work(item)
  })
  await Promise.all(workers)
}
