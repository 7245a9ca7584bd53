import type { Clock } from '@rivven/runtime'
import type { PartitionKey, Storage } from '../storage/storage.js'
import { TermOverError } from '../storage/term-over-error.js'
import { LedTopic } from './led-topic.js'
import type { Logs, LogTopic, Scarce, TopicLogConfig } from './logs.js'
import type { PartitionLog, PartitionView } from './partition-log.js'
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

/** The logs of all partitions that a broker leads, above one storage engine. */
export class LogStore implements Logs {
  private readonly options: LogStoreOptions
  private readonly topics = new Map<string, LedTopic>()
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
      logs: () => this.openLogs(),
      hasRoom: () => options.storage.hasRoom(),
      makeRoom: () => this.upkeep.retain(),
      onRecovered: (count) => options.onRecovered?.(count),
    })
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    const led = this.topics.get(topic)
    const log = led?.log(partition)
    if (log) return log.isLost ? undefined : log
    return led && this.openNew(led, partition)
  }

  view(topic: string, partition: number): PartitionView | undefined {
    return this.topics.get(topic)?.view(partition)
  }

  has(topic: string, partition: number): boolean {
    const led = this.topics.get(topic)
    return led?.isLed(partition) === true && !led.log(partition)?.isLost
  }

  opened(topic: string, partition: number): PartitionLog | undefined {
    const log = this.topics.get(topic)?.log(partition)
    return log?.isLost ? undefined : log
  }

  async open(topic: LogTopic, partitions: readonly number[], leaderEpoch: number): Promise<void> {
    const led = await this.ledTopic(topic)
    const isStored = (partition: number) => this.options.storage.holds(keyOf(led, partition))
    const stored = partitions.filter((partition) => !led.log(partition) && isStored(partition))
    await inParallel(stored, async (partition) => {
      const log = await this.openLog(led, partition, leaderEpoch)
      if (log) led.opened(partition, log)
    })
    for (const partition of partitions) {
      if (led.log(partition) || !isStored(partition)) led.lead(partition, leaderEpoch)
    }
  }

  async drain(topic: string, partition: number): Promise<void> {
    await this.topics.get(topic)?.log(partition)?.drain()
  }

  async lose(topic: string, partition: number): Promise<void> {
    await this.topics.get(topic)?.lose(partition)?.lose()
  }

  async delete(topic: string): Promise<void> {
    const led = this.topics.get(topic)
    if (led === undefined) return
    this.topics.delete(topic)
    await inParallel(led.loseAll(), async ([partition, log]) => {
      await log.abandon()
      await this.options.storage.removePartition(keyOf(led, partition))
    })
  }

  configure(topic: string, configs: TopicLogConfig): void {
    this.topics.get(topic)?.configure(configs)
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
    const logs = [...this.topics.values()].flatMap((topic) => topic.loseAll())
    this.topics.clear()
    await inParallel(logs, ([, log]) => log.close())
    await this.options.storage.close()
  }

  /** What is left of an earlier topic of this name is lost. */
  private async ledTopic(topic: LogTopic): Promise<LedTopic> {
    const before = this.topics.get(topic.name)
    if (before?.id === topic.id) {
      before.configure(topic.configs)
      return before
    }
    const led = new LedTopic(topic)
    this.topics.set(topic.name, led)
    await Promise.all((before?.loseAll() ?? []).map(([, log]) => log.lose()))
    return led
  }

  /** Undefined: another broker leads it by now. */
  private async openLog(topic: LedTopic, partition: number, leaderEpoch: number): Promise<StoredLog | undefined> {
    try {
      return await StoredLog.open(this.logOptions(topic, partition, leaderEpoch))
    } catch (error) {
      if (error instanceof TermOverError) return undefined
      throw error
    }
  }

  private openNew(topic: LedTopic, partition: number): StoredLog | undefined {
    const leaderEpoch = topic.epochOf(partition)
    if (leaderEpoch === undefined) return undefined
    const log = StoredLog.openNew(this.logOptions(topic, partition, leaderEpoch))
    if (log) topic.opened(partition, log)
    return log
  }

  private logOptions(topic: LedTopic, partition: number, leaderEpoch: number): StoredLogOptions {
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

  private *openLogs(): Iterable<KeptLog> {
    for (const topic of this.topics.values()) {
      for (const [partition, log] of topic.logs) yield { key: keyOf(topic, partition), log }
    }
  }
}

function keyOf({ name, id }: LedTopic, partition: number): PartitionKey {
  return { topic: name, topicId: id, partition }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const workers = Array.from({ length: Math.min(PARALLEL, items.length) }, async () => {
    for (const item of queue) await work(item)
  })
  await Promise.all(workers)
}
