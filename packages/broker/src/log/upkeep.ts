import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { PartitionKey } from '../storage/storage.js'
import { compactLog } from './cleaning/compaction.js'
import { applyRetention } from './cleaning/retention.js'
import type { StoredLog } from './stored-log.js'

/** A log that has grown so much since its last checkpoint gets one, so that a start after a crash reads little. */
const CHECKPOINT_BYTES = 16_777_216

export interface KeptLog {
  readonly key: PartitionKey
  readonly log: StoredLog
}

export interface UpkeepOptions {
  readonly clock: Clock
  readonly producerIdExpirationMs: number
  /** The logs there are now. */
  logs(): Iterable<KeptLog>
  onFault(partition: PartitionKey, error: Error): void
}

/** What is done to logs beside appends and reads: one thing at a time for each of them, so that a long one holds up only its own. */
export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #atWork = new Map<StoredLog, Promise<void>>()
  readonly #sizeAtCheckpoint = new WeakMap<StoredLog, number>()
  #retaining: Promise<void> | undefined
  #cleaning: Promise<void> | undefined
  #checkpointing: Promise<void> | undefined
  #isStopped = false

  constructor(options: UpkeepOptions) {
    this.#options = options
  }

  /**
   * Retention, idle producers and checkpoints, once over all logs, also of those that a full disk has stopped; joins the
   * round that is under way.
   */
  retain(): Promise<void> {
    this.#retaining ??= this.#eachLog((log) => this.#retain(log)).finally(() => {
      this.#retaining = undefined
    })
    return this.#retaining
  }

  /** Checkpoints where the storage wants them. */
  checkpoint(): Promise<void> {
    this.#checkpointing ??= this.#eachLog(async (log) => {
      if (log.store.wantsCheckpoint && log.isWritable) await log.checkpoint()
    }).finally(() => {
      this.#checkpointing = undefined
    })
    return this.#checkpointing
  }

  /** Compaction, where enough has come together. */
  clean(): Promise<void> {
    this.#cleaning ??= this.#eachLog((log) => this.#clean(log)).finally(() => {
      this.#cleaning = undefined
    })
    return this.#cleaning
  }

  /** Begins nothing more; resolves when all that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all([this.#retaining, this.#cleaning, this.#checkpointing])
  }

  async #eachLog(work: (log: StoredLog) => Promise<void>): Promise<void> {
    const busy: KeptLog[] = []
    // Most have nothing to be done, so that no wait for the disk gives others their turn.
    const breath = new Breath(this.#options.clock)
    for (const kept of this.#options.logs()) {
      if (breath.isDue) await breath.take()
      if (this.#atWork.has(kept.log)) busy.push(kept)
      else await this.#workOn(kept, work)
    }
    for (const kept of busy) {
      await this.#atWork.get(kept.log)
      await this.#workOn(kept, work)
    }
  }

  async #workOn({ key, log }: KeptLog, work: (log: StoredLog) => Promise<void>): Promise<void> {
    if (this.#isStopped || log.health !== 'sound') return
    const done = work(log)
      .catch((error: Error) => {
        if (log.health === 'sound') this.#options.onFault(key, error)
      })
      .finally(() => this.#atWork.delete(log))
    this.#atWork.set(log, done)
    await done
  }

  /** It needs room before it makes some. */
  async #clean(log: StoredLog): Promise<void> {
    if (log.isWritable) await compactLog(log, this.#options.clock)
  }

  async #retain(log: StoredLog): Promise<void> {
    const now = this.#options.clock.now()
    log.state.producers.expire(now, this.#options.producerIdExpirationMs)
    await applyRetention(log, now)
    if (log.size - (this.#sizeAtCheckpoint.get(log) ?? 0) < CHECKPOINT_BYTES) return
    await log.checkpoint()
    this.#sizeAtCheckpoint.set(log, log.size)
  }
}
