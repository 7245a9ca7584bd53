import { setMaxListeners } from 'node:events'
import type { Logger } from 'pino'
import type { Logs, LogTopic } from '../log/logs.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { Handed, HandOver, Led } from './cluster.js'
import type { Transitions } from './transitions.js'

/** Who serves what the partitions of one topic hold. */
export interface LeaderListener {
  /** This broker leads the partition from now on; resolves when what it holds is served. */
  gain(partition: number, log: PartitionLog): Promise<void>
  /**
   * It does no longer, or will not: what is decided is stored and answered, then nothing is any more. Where the log is lost
   * already, that is at once. Who comes before `until` waits for it, and is sent away then.
   */
  lose(partition: number, until?: Promise<void>): Promise<void>
  /** Resolves to true when a change of leader would disturb nobody; to false after `patienceMs`. */
  calm?(partition: number, patienceMs: number): Promise<boolean>
}

export interface LedPartitionsOptions {
  readonly logs: Logs
  /** By topic. */
  readonly listeners: ReadonlyMap<string, LeaderListener>
  readonly transitions: Transitions
  readonly log: Logger
}

/** Opens, hands over and loses what this broker leads (cluster.md §5.5): logs first when they come, last when they go. */
export class LedPartitions implements Led {
  readonly #options: LedPartitionsOptions

  constructor(options: LedPartitionsOptions) {
    this.#options = options
  }

  async open(topic: LogTopic, partitions: readonly number[], leaderEpoch: number): Promise<void> {
    const { logs, listeners, transitions } = this.#options
    const end = transitions.begin(topic.name, partitions, 'coming')
    try {
      await logs.open(topic, partitions, leaderEpoch)
      const listener = listeners.get(topic.name)
      if (listener) await Promise.all(partitions.map((partition) => this.#gain(listener, topic.name, partition)))
    } catch (error) {
      this.#tell(topic.name, partitions, error, 'it cannot be opened')
    } finally {
      end()
    }
  }

  async handOver(topic: string, partition: number, handOver: HandOver): Promise<Handed> {
    const [aborted, hurried] = [new Abortion(handOver.signal), new Abortion(handOver.hurry)]
    try {
      const calm = this.#options.listeners.get(topic)?.calm?.(partition, handOver.patienceMs)
      const isCalm = await Promise.race([calm, aborted.promise, hurried.promise.then(() => false)])
      if (isCalm === false && !handOver.isUrgent) return 'busy'
      return await this.#give(topic, partition, handOver, aborted)
    } finally {
      aborted.forget()
      hurried.forget()
    }
  }

  async #give(topic: string, partition: number, handOver: HandOver, aborted: Abortion): Promise<Handed> {
    const { listeners, transitions } = this.#options
    const end = transitions.begin(topic, [partition], 'leaving')
    handOver.begun()
    try {
      await Promise.race([this.#empty(topic, partition, listeners.get(topic)), aborted.promise])
      return handOver.signal.aborted ? 'elsewhere' : await handOver.assign()
    } finally {
      // Whatever still waits for storage gets its answer from this.
      await this.lose(topic, partition)
      end()
    }
  }

  async lose(topic: string, partition: number): Promise<void> {
    const { logs, listeners } = this.#options
    try {
      await Promise.all([logs.lose(topic, partition), listeners.get(topic)?.lose(partition)])
    } catch (error) {
      this.#tell(topic, [partition], error, 'it was not closed as it should be')
    }
  }

  async #gain(listener: LeaderListener, topic: string, partition: number): Promise<void> {
    try {
      const log = this.#options.logs.get(topic, partition)
      // Another broker leads it by now.
      if (log) await listener.gain(partition, log)
    } catch (error) {
      this.#tell(topic, [partition], error, 'it cannot be served')
    }
  }

  /** Nothing is decided or appended any more, and all that was is stored. */
  async #empty(topic: string, partition: number, listener: LeaderListener | undefined): Promise<void> {
    const { logs, transitions } = this.#options
    try {
      await listener?.lose(partition, transitions.over(topic, partition))
      await logs.drain(topic, partition)
    } catch (error) {
      // What was acknowledged is stored; who leads next has more to read.
      this.#tell(topic, [partition], error, 'it was not handed over as it should be')
    }
  }

  #tell(topic: string, partitions: readonly number[], error: unknown, what: string): void {
    this.#options.log.error({ topic, partitions, error }, `a partition that is led here: ${what}`)
  }
}

/** The end of a signal that lives longer than whoever waits for it. */
class Abortion {
  readonly promise: Promise<void>
  readonly #forgotten = new AbortController()

  /** Without a signal it never comes. */
  constructor(signal: AbortSignal | undefined) {
    // As many wait for it as are handed over at a time; from eleven on Node would take that for a leak.
    if (signal) setMaxListeners(0, signal)
    this.promise = new Promise((resolve) => {
      if (signal?.aborted) resolve()
      else signal?.addEventListener('abort', () => resolve(), { once: true, signal: this.#forgotten.signal })
    })
  }

  forget(): void {
    this.#forgotten.abort()
  }
}
