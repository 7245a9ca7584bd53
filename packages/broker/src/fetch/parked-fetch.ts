import type { Clock } from '@rivven/runtime'
import type { RequestConnection } from '../request-connection.js'
import type { FetchReading } from './fetch-reading.js'

export interface ParkOptions {
  readonly maxWaitMs: number
  readonly clock: Clock
  readonly connection: RequestConnection
  /** Calls `wake` when it must end early, whatever has come until then. Returns how to stop that. */
  onWake(wake: () => void): (() => void) | undefined
}

/**
 * Waits until a reading has enough, its time is over or its client is gone; true when there is someone to answer.
 * Only partitions that have changed are read again, and only when enough bytes may have come.
 */
export function parkFetch(reading: FetchReading, options: ParkOptions): Promise<boolean> {
  return new Promise((resolve, reject) => new ParkedFetch(reading, options, resolve, reject))
}

class ParkedFetch {
  readonly #reading: FetchReading
  readonly #resolve: (isWanted: boolean) => void
  readonly #reject: (error: unknown) => void
  readonly #release: (() => void)[] = []
  /** Places of the partitions that have changed since they were read, and what their logs held then. */
  readonly #changed = new Set<number>()
  readonly #sizes: number[]
  #isChecking = false
  #isOver = false
  #isFinished = false

  constructor(
    reading: FetchReading,
    options: ParkOptions,
    resolve: (isWanted: boolean) => void,
    reject: (error: unknown) => void,
  ) {
    this.#reading = reading
    this.#resolve = resolve
    this.#reject = reject
    this.#sizes = reading.targets.map(({ log }) => log?.size ?? 0)
    for (const [place, { log }] of reading.targets.entries()) {
      if (!log) continue
      this.#release.push(log.onChange(() => this.#onChange(place)))
      // What has come since it was read told nobody.
      if (log.highWatermark !== reading.answers[place]?.highWatermark) this.#onChange(place)
    }
    const timer = options.clock.setTimer(options.maxWaitMs, () => this.#onTimeOver())
    this.#release.push(() => timer.cancel())
    this.#release.push(options.connection.onClose(() => this.#finish(false)))
    const stopWaking = options.onWake(() => this.#finish(true))
    if (stopWaking) this.#release.push(stopWaking)
    if (this.#isFinished) this.#letGo()
  }

  #onChange(place: number): void {
    this.#changed.add(place)
    if (this.#isChecking || this.#isFinished) return
    this.#isChecking = true
    // Batches that are appended in one turn are looked at once.
    queueMicrotask(() => void this.#check().catch((error) => this.#fail(error)))
  }

  #onTimeOver(): void {
    this.#isOver = true
    if (!this.#isChecking) this.#check().catch((error) => this.#fail(error))
  }

  async #check(): Promise<void> {
    this.#isChecking = true
    while (!this.#isFinished && this.#changed.size > 0 && (this.#isOver || this.#mayBeEnough())) {
      const places = [...this.#changed]
      this.#changed.clear()
      for (const place of places) this.#sizes[place] = this.#reading.targets[place]?.log?.size ?? 0
      await this.#reading.readAgain(places)
      if (this.#reading.isEnough) break
    }
    this.#isChecking = false
    if (this.#reading.isEnough || this.#isOver) this.#finish(true)
  }

  /** Reading again costs; as long as too little was written it can wait. What shrank, or changed otherwise, is looked at. */
  #mayBeEnough(): boolean {
    let size = this.#reading.size
    for (const place of this.#changed) {
      const log = this.#reading.targets[place]?.log
      const grown = (log?.size ?? 0) - (this.#sizes[place] ?? 0)
      if (grown <= 0) return true
      size += grown
    }
    return size >= this.#reading.minBytes
  }

  #finish(isWanted: boolean): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#letGo()
    this.#resolve(isWanted)
  }

  #fail(error: unknown): void {
    this.#finish(false)
    this.#reject(error)
  }

  #letGo(): void {
    for (const release of this.#release.splice(0)) release()
  }
}
