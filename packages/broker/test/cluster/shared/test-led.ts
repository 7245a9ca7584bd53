import assert from 'node:assert/strict'
import type { Clock } from '@rivven/runtime'
import type { Handed, HandOver, Led } from '../../../src/cluster/cluster.js'
import type { LogTopic } from '../../../src/log/logs.js'

/** Every term that was ever opened in a cluster: none may be opened twice, and epochs only rise. */
export type OpenedTerms = Map<string, number>

/** What one broker has open, as its coordinators and logs would. */
export class TestLed implements Led {
  /** Epochs by partition (`orders-0`). */
  readonly partitions = new Map<string, number>()
  readonly notes: string[] = []
  /** Partitions with groups that are joining: a hand-over waits as long as it may. */
  readonly busy = new Set<string>()
  /** How long it takes to open a partition. */
  openingMs = 0
  /** How many were being opened at the same time. */
  mostOpening = 0
  #opening = 0
  /** How long it takes to close a partition. */
  losingMs = 10
  readonly #opened: OpenedTerms
  readonly #clock: Clock
  #idle: (() => void)[] = []

  constructor(opened: OpenedTerms, clock: Clock) {
    this.#opened = opened
    this.#clock = clock
  }

  async open({ name, id }: LogTopic, indexes: readonly number[], epoch: number): Promise<void> {
    this.mostOpening = Math.max(this.mostOpening, ++this.#opening)
    if (this.openingMs > 0) await new Promise<void>((resolve) => this.#clock.setTimer(this.openingMs, resolve))
    this.#opening--
    for (const index of indexes) {
      const key = `${name}-${index}`
      assert.ok(!this.partitions.has(key), `${key} is open already`)
      assert.ok(epoch > (this.#opened.get(`${id}-${index}`) ?? -1), `${key} was opened in epoch ${epoch} before`)
      this.#opened.set(`${id}-${index}`, epoch)
      this.partitions.set(key, epoch)
      this.notes.push(`open ${key}`)
    }
  }

  async handOver(topic: string, index: number, handOver: HandOver): Promise<Handed> {
    const { signal, patienceMs, isUrgent, hurry } = handOver
    const key = `${topic}-${index}`
    assert.ok(this.partitions.has(key), `${key} is not open`)
    if (this.busy.has(key)) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve)
        signal.addEventListener('abort', () => resolve())
        hurry?.addEventListener('abort', () => resolve())
        this.#clock.setTimer(patienceMs, resolve)
      })
      if (this.busy.has(key) && !isUrgent && !signal.aborted) return 'busy'
    }
    handOver.begun()
    this.partitions.delete(key)
    this.notes.push(`hand over ${key}`)
    return signal.aborted ? 'elsewhere' : handOver.assign()
  }

  async lose(topic: string, index: number): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.setTimer(this.losingMs, resolve))
    assert.ok(this.partitions.delete(`${topic}-${index}`), `${topic}-${index} is not open`)
    this.notes.push(`lose ${topic}-${index}`)
  }

  settleGroups(): void {
    this.busy.clear()
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
