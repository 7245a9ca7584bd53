import type { LogTopic, TopicLogConfig } from './logs.js'
import type { PartitionView } from './partition-log.js'
import { SleepingLog, type SleepingPlace } from './sleeping-log.js'
import type { StoredLog } from './stored-log.js'

/** Somebody who waits for what was never written to; from when it has a log on, `stop` ends that there. */
interface Waiter {
  readonly listener: () => void
  stop?: () => void
}

/** The partitions of one topic that are led here. Most of many were never written to: these have no log until somebody does. */
export class LedTopic implements SleepingPlace {
  readonly name: string
  readonly id: string
  readonly #logs = new Map<number, StoredLog>()
  /** Of each partition that is led here. */
  #epochs: (number | undefined)[] = []
  readonly #waiting = new Map<number, Set<Waiter>>()
  #config: TopicLogConfig

  constructor({ name, id, configs }: LogTopic) {
    this.name = name
    this.id = id
    this.#config = configs
  }

  get config(): TopicLogConfig {
    return this.#config
  }

  configure(config: TopicLogConfig): void {
    this.#config = config
    for (const log of this.#logs.values()) log.config = config
  }

  /** Those that are open. */
  get logs(): ReadonlyMap<number, StoredLog> {
    return this.#logs
  }

  log(partition: number): StoredLog | undefined {
    return this.#logs.get(partition)
  }

  epochOf(partition: number): number | undefined {
    return this.#epochs[partition]
  }

  isLed(partition: number): boolean {
    return this.#epochs[partition] !== undefined
  }

  /** Undefined: it is not led here. */
  view(partition: number): PartitionView | undefined {
    const log = this.#logs.get(partition)
    if (log) return log.isLost ? undefined : log
    const leaderEpoch = this.#epochs[partition]
    if (leaderEpoch === undefined) return undefined
    return new SleepingLog({ topic: this.name, partition, leaderEpoch, place: this })
  }

  lead(partition: number, leaderEpoch: number): void {
    this.#epochs[partition] = leaderEpoch
  }

  /** A partition has its log now; who waits for it waits there. */
  opened(partition: number, log: StoredLog): void {
    log.config = this.#config
    this.#logs.set(partition, log)
    for (const waiter of this.#waiting.get(partition) ?? []) waiter.stop = log.onChange(waiter.listener)
    this.#waiting.delete(partition)
  }

  /** It is led here no more; returns its log, if it had one. */
  lose(partition: number): StoredLog | undefined {
    const log = this.#logs.get(partition)
    this.#epochs[partition] = undefined
    this.#logs.delete(partition)
    this.#wake(partition)
    return log
  }

  /** None of them is any more; returns the logs. */
  loseAll(): [partition: number, log: StoredLog][] {
    const logs = [...this.#logs]
    this.#epochs = []
    this.#logs.clear()
    for (const partition of [...this.#waiting.keys()]) this.#wake(partition)
    return logs
  }

  onChange(partition: number, listener: () => void): () => void {
    const waiters = this.#waiting.get(partition) ?? new Set<Waiter>()
    this.#waiting.set(partition, waiters)
    const waiter: Waiter = { listener }
    waiters.add(waiter)
    return () => {
      waiter.stop?.()
      if (waiters.delete(waiter) && waiters.size === 0) this.#waiting.delete(partition)
    }
  }

  #wake(partition: number): void {
    const waiters = this.#waiting.get(partition) ?? []
    this.#waiting.delete(partition)
    for (const { listener } of [...waiters]) listener()
  }
}
