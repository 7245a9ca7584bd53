import type { Seen, SeenRecord, Timed, TopicPartition } from '../../history/history.js'
import type { BitFlip } from '../../world/bit-flips.js'
import type { Check, Report } from '../check.js'
import type { DeletedRecords } from './deleted-records.js'

/** Tells which records need not be there any more. */
export interface Gone {
  mayBeGone(partition: TopicPartition, offset: number): boolean
}

/**
 * Bits that turned over in files of the broker: the records of the batch they are in may be gone, and nothing else (what has
 * no such batch is there twice). Somebody has to say it, the broker or a client.
 */
export class DamagedRecords implements Check, Gone {
  readonly #report: Report
  readonly #deleted: DeletedRecords
  readonly #groups: readonly string[]
  readonly #flips: BitFlip[] = []
  readonly #acknowledged: SeenRecord[] = []
  /** Values by group. */
  readonly #seen = new Map<string, Set<string>>()
  #told = ''
  #hasStarted = false

  constructor(report: Report, deleted: DeletedRecords, groups: readonly string[]) {
    this.#report = report
    this.#deleted = deleted
    this.#groups = groups
  }

  see(event: Timed<Seen>): void {
    switch (event.kind) {
      case 'flipped':
        this.#flips.push(event)
        this.#hasStarted = false
        return
      case 'told':
        this.#told += `${event.text}\n`
        return
      case 'broker':
        if (event.what === 'up') this.#hasStarted = true
        return
      case 'acknowledged':
        this.#acknowledged.push(event.record)
        return
      case 'polled': {
        const seen = this.#seen.get(event.member.group) ?? new Set()
        this.#seen.set(event.member.group, seen)
        for (const { value } of event.records) seen.add(value)
      }
    }
  }

  mayBeGone(partition: TopicPartition, offset: number): boolean {
    return (
      this.#deleted.mayBeGone(partition, offset) || this.#flips.some((flip) => mayHaveLost(flip, partition, offset))
    )
  }

  end(): void {
    for (const flip of this.#flips) {
      if (this.#isTold(flip)) continue
      if (this.#hasStarted && isReadAtStart(flip.path))
        this.#report('damage', `nobody says that ${flip.path} is damaged`)
      for (const group of this.#groups) {
        const lost = this.#lostFor(group, flip)
        if (lost) this.#report('damage', `nobody tells ${group} that ${lost.value} is lost in ${flip.path}`)
      }
    }
  }

  #isTold({ path, lost }: BitFlip): boolean {
    return this.#told.includes(path) || (lost !== undefined && this.#told.includes(`${lost.topic}/${lost.partition} `))
  }

  #lostFor(group: string, flip: BitFlip): SeenRecord | undefined {
    const seen = this.#seen.get(group)
    return this.#acknowledged.find(
      (record) =>
        mayHaveLost(flip, record, record.offset) &&
        !seen?.has(record.value) &&
        !this.#deleted.mayBeGone(record, record.offset),
    )
  }
}

function mayHaveLost({ lost }: BitFlip, { topic, partition }: TopicPartition, offset: number): boolean {
  return (
    lost !== undefined &&
    lost.topic === topic &&
    lost.partition === partition &&
    lost.fromOffset <= offset &&
    offset < lost.toOffset
  )
}

/** What a start does not read may stay unknown until it is needed. */
function isReadAtStart(path: string): boolean {
  return path.includes('/documents/') || path.endsWith('/checkpoint')
}
