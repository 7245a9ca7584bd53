import type { Consumer, TopicPartition } from '@rivven/client'
import type { Clock } from '@rivven/runtime'
import { ReadingFailed } from './reading-failed.js'

/** How long nothing may come from a partition that has more, in milliseconds, before reading it has failed. */
export const stallMs = 3000

/** A partition with more to read than has come. */
interface Suspect {
  readonly place: TopicPartition
  /** Where it is read on; null: that is still being looked up. */
  readonly position: number | null
  /** Infinity: nobody could be asked, because something fails. */
  readonly end: number
}

/**
 * Tells "there is nothing more" from "it cannot be read": a broker may send nothing, and no error, for a partition whose
 * records it cannot read. Two looks that find a consumer behind the end, at the same place, with nothing between, are it.
 */
export class Stalls {
  readonly #consumer: Consumer
  readonly #clock: Clock
  readonly #mayEndInGap: () => Promise<boolean>
  #suspects = new Map<string, Suspect>()

  /** `mayEndInGap`: whether compaction may have removed the last records, so that nothing is right. */
  constructor(consumer: Consumer, clock: Clock, mayEndInGap: () => Promise<boolean>) {
    this.#consumer = consumer
    this.#clock = clock
    this.#mayEndInGap = mayEndInGap
  }

  /** Records came. */
  forget(): void {
    this.#suspects.clear()
  }

  /** Whether all there is has been read. Throws when something is not, as at the look before. */
  async isAtEnd(): Promise<boolean> {
    const { state, trouble, assignment } = this.#consumer.health()
    if (state !== 'manual' && state !== 'stable') return false
    const before = this.#suspects
    this.#suspects = await this.#behindTheEnd(assignment, trouble !== null)
    for (const [key, suspect] of this.#suspects) {
      const earlier = before.get(key)
      // What has just stopped failing has its time from now on.
      const isSame =
        earlier?.position === suspect.position && Number.isFinite(earlier.end) === Number.isFinite(suspect.end)
      if (!isSame) continue
      if (trouble !== null) throw trouble
      if (suspect.position === null || !(await this.#mayEndInGap())) throw stalled(suspect)
      this.#suspects.delete(key)
    }
    return this.#suspects.size === 0
  }

  /** While something fails nobody can be asked where the end is: all partitions may be behind it. */
  async #behindTheEnd(assignment: readonly TopicPartition[], isTroubled: boolean): Promise<Map<string, Suspect>> {
    const positions = await Promise.all(assignment.map((place) => this.#positionOf(place)))
    const found = isTroubled ? [] : await this.#consumer.endOffsets(assignment)
    const ends = new Map(found.map((place) => [keyOf(place), place.offset]))
    const all = assignment.map((place, at): [string, Suspect] => {
      const key = keyOf(place)
      return [key, { place, position: positions[at]!, end: ends.get(key) ?? Number.POSITIVE_INFINITY }]
    })
    return new Map(all.filter(([, { position, end }]) => position === null || position < end))
  }

  async #positionOf(place: TopicPartition): Promise<number | null> {
    const lookup = this.#consumer.position(place)
    lookup.catch(() => undefined)
    const late = new Promise<null>((resolve) => void this.#clock.setTimer(stallMs / 3, () => resolve(null)))
    return Promise.race([lookup, late])
  }
}

function stalled({ place: { topic, partition }, position, end }: Suspect): ReadingFailed {
  const where = position === null ? 'where to begin was not found' : `nothing comes from offset ${position}`
  const text = `${topic}/${partition} cannot be read: ${where}, and its records end at ${end}.`
  return new ReadingFailed(text, { topic, partition, offset: position ?? 0 })
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
