import type { Consumer, TopicPartition } from '@rivven/client'
import type { Clock } from '@rivven/runtime'
import { ReadingFailed } from './reading-failed.js'

/** How long nothing may come from a partition that has more, in milliseconds, before reading it has failed. */
export const stallMs = 3000

/** Where a partition is read on; null: that is still being looked up. */
type Position = number | null

/**
 * Tells "there is nothing more" from "it cannot be read": a broker may send nothing, and no error, for a partition whose
 * records it cannot read. Two looks that find a consumer behind the end, at the same place, with nothing between, are it.
 */
export class Stalls {
  readonly #consumer: Consumer
  readonly #clock: Clock
  #behind = new Map<string, Position>()

  constructor(consumer: Consumer, clock: Clock) {
    this.#consumer = consumer
    this.#clock = clock
  }

  /** Records came. */
  forget(): void {
    this.#behind.clear()
  }

  /** Whether all there is has been read. Throws when something is not, as at the look before. */
  async isAtEnd(): Promise<boolean> {
    const { state, trouble, assignment } = this.#consumer.health()
    if (state !== 'manual' && state !== 'stable') return false
    const before = this.#behind
    this.#behind = new Map()
    const positions = await Promise.all(assignment.map((place) => this.#positionOf(place)))
    if (trouble !== null) {
      for (const [at, place] of assignment.entries()) this.#behind.set(keyOf(place), positions[at]!)
      if (before.size > 0) throw trouble
      return false
    }
    const found = await this.#consumer.endOffsets(assignment)
    const ends = new Map(found.map((place) => [keyOf(place), place.offset]))
    for (const [at, place] of assignment.entries()) {
      const key = keyOf(place)
      const position = positions[at]!
      const end = ends.get(key) ?? 0
      if (position !== null && position >= end) continue
      this.#behind.set(key, position)
      if (before.get(key) === position) throw stalled(place, position, end)
    }
    return this.#behind.size === 0
  }

  async #positionOf(place: TopicPartition): Promise<Position> {
    const lookup = this.#consumer.position(place)
    lookup.catch(() => undefined)
    const late = new Promise<null>((resolve) => void this.#clock.setTimer(stallMs / 3, () => resolve(null)))
    return Promise.race([lookup, late])
  }
}

function stalled({ topic, partition }: TopicPartition, position: Position, end: number): ReadingFailed {
  const where = position === null ? 'where to begin was not found' : `nothing comes from offset ${position}`
  const text = `${topic}/${partition} cannot be read: ${where}, and its records end at ${end}.`
  return new ReadingFailed(text, { topic, partition, offset: position ?? 0 })
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
