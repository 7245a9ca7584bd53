import type { Clock } from '@rivven/runtime'

/** No request waits longer for a partition that is on its way in or out: a client has other things to try (cluster.md §5.5). */
const LONGEST_WAIT_MS = 500

/** Where a partition goes. One that is leaving has its log still, but takes nothing any more. */
export type Direction = 'coming' | 'leaving'

interface Transition {
  readonly partitions: ReadonlySet<number>
  readonly direction: Direction
  /** Monotonic. */
  readonly since: number
  /** For whoever waits: made when the first one comes. */
  over: Promise<void> | undefined
  wake: () => void
}

/** The partitions that are being opened or handed over here: requests for them wait, rather than being sent elsewhere. */
export class Transitions {
  readonly #clock: Clock
  readonly #byTopic = new Map<string, Set<Transition>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Hot path: as a rule nothing is on its way, and nobody need look any further. */
  get isAny(): boolean {
    return this.#byTopic.size > 0
  }

  /** Until the returned function is called. */
  begin(topic: string, partitions: Iterable<number>, direction: Direction): () => void {
    const since = this.#clock.monotonic()
    const transition: Transition = { partitions: new Set(partitions), direction, since, over: undefined, wake: nothing }
    const ofTopic = this.#byTopic.get(topic) ?? new Set()
    this.#byTopic.set(topic, ofTopic.add(transition))
    return () => {
      ofTopic.delete(transition)
      if (ofTopic.size === 0 && this.#byTopic.get(topic) === ofTopic) this.#byTopic.delete(topic)
      transition.wake()
    }
  }

  isLeaving(topic: string, partition: number): boolean {
    return this.#of(topic, partition)?.direction === 'leaving'
  }

  /**
   * Resolves when the partition has come or gone, or has taken too long; undefined where there is nothing to wait for. All who
   * wait for it go on in the order in which they came.
   */
  over(topic: string, partition: number): Promise<void> | undefined {
    const transition = this.#of(topic, partition)
    if (!transition) return undefined
    const left = transition.since + LONGEST_WAIT_MS - this.#clock.monotonic()
    if (!transition.over && left <= 0) return undefined
    transition.over ??= new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(left, resolve)
      transition.wake = () => {
        timer.cancel()
        resolve()
      }
    })
    return left > 0 ? transition.over : undefined
  }

  #of(topic: string, partition: number): Transition | undefined {
    for (const transition of this.#byTopic.get(topic) ?? []) {
      if (transition.partitions.has(partition)) return transition
    }
    return undefined
  }
}

function nothing(): void {
  // Nobody waits.
}
