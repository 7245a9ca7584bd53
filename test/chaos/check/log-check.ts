import { createHash, type Hash } from 'node:crypto'
import type { Violations } from './violations.js'

/** A record that one writer made: the n-th that it sent to this partition, from 0 on. */
export interface Written {
  writer: string
  partition: number
  n: number
}

/** One writer in one partition. */
interface Line {
  /** The lowest number that was not read, but for those that were passed over. */
  next: number
  /** Numbers that were passed over: never acknowledged, or lost. */
  readonly passedOver: Set<number>
  /** Acknowledged and not read so far. */
  readonly acknowledged: Map<number, Told>
  /** Read and not acknowledged so far, with the offset. */
  readonly read: Map<number, number>
  /** The next acknowledged ones that are passed over were removed before then, not lost; null: none were. */
  removedAt: number | null
}

interface Told {
  /** null: it is not known. */
  readonly offset: number | null
  readonly madeAt: number
}

export interface LogCheckOptions {
  /** Transactions write to this topic, and their ends take offsets that no reader sees. Default: none do. */
  hasMarkers?: boolean
  /** Nothing may be removed sooner, in ms. Default: nothing at all. */
  retentionMs?: number | null
  /** Monotonic, in ms. */
  now?: () => number
}

/** One partition. */
interface Place {
  next: number | null
  readonly digest: Hash
}

/**
 * Compares what writers were told with what a reader of the topic sees: all that was acknowledged is read, once, in each
 * writer's order and at the offset that its writer was told; nothing is read that nobody wrote.
 */
export class LogCheck {
  readonly #topic: string
  readonly #violations: Violations
  readonly #hasMarkers: boolean
  readonly #retentionMs: number
  readonly #now: () => number
  readonly #lines = new Map<string, Line>()
  readonly #places = new Map<number, Place>()
  acknowledgedCount = 0
  readCount = 0
  /** Acknowledged, and removed before it could be read, as `removed` has said. */
  removedCount = 0

  constructor(topic: string, violations: Violations, options: LogCheckOptions = {}) {
    const { hasMarkers = false, retentionMs, now = () => performance.now() } = options
    this.#topic = topic
    this.#violations = violations
    this.#hasMarkers = hasMarkers
    this.#retentionMs = retentionMs ?? Number.POSITIVE_INFINITY
    this.#now = now
  }

  /** The writer was told that its record, which it made then (default: now), lies at this offset; null: that it lies somewhere. */
  acknowledged(record: Written, offset: number | null, madeAt = this.#now()): void {
    this.acknowledgedCount++
    const line = this.#line(record)
    const readAt = line.read.get(record.n)
    if (readAt === undefined) line.acknowledged.set(record.n, { offset, madeAt })
    else {
      line.read.delete(record.n)
      this.#compare(record, offset, readAt)
    }
    if (line.passedOver.has(record.n))
      this.#violations.add(
        `${this.#nameOf(record)} was acknowledged, and later ones of its writer were read without it`,
      )
  }

  /** The reader got it at this offset, after all that it had of the partition before. */
  read(record: Written, offset: number): void {
    this.readCount++
    this.#follow(record, offset)
    const line = this.#line(record)
    if (record.n < line.next) this.#complainOfOrder(record, line, offset)
    else this.#goOn(record, line, offset)
  }

  /** Retention was faster than who reads this partition for us: once, records of the writer that follow each other are gone. */
  removed(writer: string, partition: number): void {
    this.#line({ writer, partition }).removedAt = this.#now()
  }

  /** How many were acknowledged and not read so far. */
  get missing(): number {
    let count = 0
    for (const { acknowledged } of this.#lines.values()) count += acknowledged.size
    return count
  }

  /** What is still missing is lost. */
  end(): void {
    for (const [name, { acknowledged }] of this.#lines)
      for (const n of acknowledged.keys())
        this.#violations.add(`${this.#topic}: ${name} number ${n} was acknowledged and is lost`)
  }

  /** The same for two readers that got the same records at the same offsets of all partitions. */
  get digest(): string {
    const partitions = [...this.#places].sort(([a], [b]) => a - b)
    return partitions.map(([partition, { digest }]) => `${partition}:${digest.copy().digest('hex')}`).join(' ')
  }

  #follow(record: Written, offset: number): void {
    let place = this.#places.get(record.partition)
    if (!place) {
      place = { next: null, digest: createHash('sha1') }
      this.#places.set(record.partition, place)
    }
    const { next } = place
    if (next !== null && (offset < next || (offset > next && !this.#hasMarkers)))
      this.#violations.add(`${this.#nameOf(record)} came at offset ${offset} where ${next} was due`)
    place.next = offset + 1
    place.digest.update(`${offset} ${record.writer} ${record.n}\n`)
  }

  #goOn(record: Written, line: Line, offset: number): void {
    const removedBefore = this.removedCount
    for (let n = line.next; n < record.n; n++) this.#passOver(line, { ...record, n })
    if (this.removedCount > removedBefore) line.removedAt = null
    line.next = record.n + 1
    const told = line.acknowledged.get(record.n)
    if (told === undefined) line.read.set(record.n, offset)
    else {
      line.acknowledged.delete(record.n)
      this.#compare(record, told.offset, offset)
    }
  }

  #complainOfOrder(record: Written, line: Line, offset: number): void {
    const isLate = line.passedOver.delete(record.n)
    const what = isLate ? `came after number ${line.next - 1} of its writer` : 'came twice, the second time'
    this.#violations.add(`${this.#nameOf(record)} ${what} at offset ${offset}`)
    line.acknowledged.delete(record.n)
  }

  #passOver(line: Line, record: Written): void {
    const told = line.acknowledged.get(record.n)
    if (told && line.removedAt !== null) {
      line.acknowledged.delete(record.n)
      this.#removed(record, line.removedAt - told.madeAt)
      return
    }
    line.passedOver.add(record.n)
    if (told)
      this.#violations.add(`${this.#nameOf(record)} was acknowledged, and later ones of its writer are read without it`)
  }

  #removed(record: Written, ageMs: number): void {
    this.removedCount++
    if (ageMs >= this.#retentionMs) return
    const seconds = (ageMs / 1000).toFixed(1)
    this.#violations.add(`${this.#nameOf(record)} was removed when it was ${seconds} s old, before its retention`)
  }

  #compare(record: Written, told: number | null, offset: number): void {
    if (told === null || told === offset) return
    this.#violations.add(`${this.#nameOf(record)} was acknowledged at offset ${told} and read at ${offset}`)
  }

  #line({ writer, partition }: Omit<Written, 'n'>): Line {
    const key = `${writer} in partition ${partition}`
    let line = this.#lines.get(key)
    if (!line) {
      line = { next: 0, passedOver: new Set(), acknowledged: new Map(), read: new Map(), removedAt: null }
      this.#lines.set(key, line)
    }
    return line
  }

  #nameOf({ writer, partition, n }: Written): string {
    return `${this.#topic}: ${writer} in partition ${partition} number ${n}`
  }
}
