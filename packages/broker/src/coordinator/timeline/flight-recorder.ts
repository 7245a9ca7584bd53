import {
  type Decision,
  type EndedRebalance,
  type GroupShard,
  type Now,
  type RebalanceStory,
  Timeline,
  tellStory,
} from '@rivven/groups'
import type { Runtime, Timer } from '@rivven/runtime'
import type { Cluster } from '../../cluster/cluster.js'
import type { GroupObserver } from '../groups/group-observer.js'
import { type Reading, RebalancesTopic, type RebalancesTopicOptions } from './rebalances-topic.js'
import { StoryRing } from './story-ring.js'
import { encodeWait, isWait, WaitNotes } from './wait-notes.js'

export interface FlightRecorderOptions extends RebalancesTopicOptions {
  readonly runtime: Runtime
  readonly cluster: Pick<Cluster, 'brokerId'>
}

/** Members of a new generation have their assignments first, then it is told what moved. */
const tellAfterMs = 50
/** What others have told is read so often until all of it is there, and so many times. */
const readAgainMs = 100
const mostReads = 50

/**
 * Keeps the story of every rebalance of every group: the newest in memory, and as records of `__rivven_rebalances`.
 * On the way of a request it only takes notes; assignments are compared and stories written a moment later.
 */
export class FlightRecorder implements GroupObserver {
  readonly #options: FlightRecorderOptions
  readonly #timeline = new Timeline()
  readonly #ring: StoryRing
  readonly #topic: RebalancesTopic | undefined
  readonly #waits: WaitNotes
  #untold: EndedRebalance[] = []
  #timer: Timer | undefined
  /** What others have told is being read: nothing is told meanwhile. */
  #reading: Promise<void> | undefined
  /** Groups were gained since the last look began. */
  #isStale = false
  #isEnding = false
  #isClosed = false

  constructor(options: FlightRecorderOptions) {
    const { config } = options
    this.#options = options
    this.#ring = new StoryRing({
      perGroup: config.group_timeline_max_entries,
      total: config.group_timeline_max_total_entries,
    })
    if (config.group_timeline_topic_enable) this.#topic = new RebalancesTopic(options)
    this.#waits = new WaitNotes({
      clock: options.runtime.clock,
      write: (wait) => this.#topic?.write({ groupId: wait.groupId, value: encodeWait(wait), endedAt: wait.at }),
    })
  }

  /** Reads the newest stories of an earlier life; to be awaited before groups are loaded. */
  async start(): Promise<void> {
    await this.#readOn('here')
  }

  /**
   * What others told of the groups that they had is read before anything is told of them here: so a rebalance that died with its
   * broker is told once, and stories lie in their order. Groups do not wait for that.
   */
  gained(): void {
    if (this.#isClosed || !this.#topic?.mayHaveNews) return
    this.#isStale = true
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined
    })
  }

  decided(decision: Decision, shard: GroupShard, now: Now): void {
    const { notes } = decision
    if (this.#isClosed || !notes) return
    this.#waits.decided(decision, shard)
    const ended = this.#timeline.take(notes, now)
    if (ended.length === 0) return
    this.#untold.push(...ended)
    this.#timer ??= this.#options.runtime.clock.setTimer(tellAfterMs, () => this.#tellFirst())
  }

  /** The stories of a group that are remembered, oldest first: all, or the newest `most`. */
  storiesOf(groupId: string, most = Number.POSITIVE_INFINITY): RebalanceStory[] {
    if (!this.#reading) this.#tellAll()
    return this.#ring
      .of(groupId)
      .slice(-most)
      .flatMap((story) => read(story) ?? [])
  }

  /** Writes what there is to tell. */
  async settled(): Promise<void> {
    this.#isEnding = true
    await this.#reading
    this.#tellAll()
    await this.#topic?.settled()
  }

  /** Writes what is left to tell. */
  async close(): Promise<void> {
    const told = this.settled()
    this.#waits.close()
    this.#isClosed = true
    await told
  }

  /** Ends without another word, as a broker that is killed. */
  abandon(): void {
    this.#isClosed = true
    this.#isEnding = true
    this.#untold = []
    this.#timer?.cancel()
    this.#waits.close()
    this.#topic?.abandon()
  }

  async #readAll(): Promise<void> {
    const { clock } = this.#options.runtime
    for (let reads = 0; reads < mostReads && this.#isStale && !this.#isEnding; reads++) {
      this.#isStale = false
      if (await this.#readOn('anywhere')) continue
      this.#isStale = true
      await new Promise<void>((resolve) => clock.setTimer(readAgainMs, resolve))
    }
  }

  async #readOn(where: Reading['where']): Promise<boolean | undefined> {
    const { group_timeline_max_total_entries: most } = this.#options.config
    const take = (groupId: string, value: Buffer) => {
      if (!isWait(value) && !this.#ring.has(groupId, value)) this.#ring.add(groupId, value)
    }
    return this.#topic?.readOn({ most, where, take })
  }

  /** One story in a turn of the event loop: those of large groups take some milliseconds. */
  #tellFirst(): void {
    if (this.#reading) {
      void this.#reading.then(() => this.#tellFirst())
      return
    }
    const [first] = this.#untold.splice(0, 1)
    if (first) this.#tell(first)
    const { clock } = this.#options.runtime
    this.#timer = this.#untold.length > 0 ? clock.setTimer(0, () => this.#tellFirst()) : undefined
  }

  #tellAll(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    for (const ended of this.#untold.splice(0)) this.#tell(ended)
  }

  #tell(ended: EndedRebalance): void {
    const { groupId } = ended.story
    const story = { ...tellStory(ended), broker: this.#options.cluster.brokerId }
    if (this.#isKnown(story)) return
    const value = Buffer.from(JSON.stringify(story))
    this.#ring.add(groupId, value)
    this.#topic?.write({ groupId, value, endedAt: story.endedAt })
  }

  /** A generation that was never settled is found by every load until there is a newer one; its story is told once. */
  #isKnown({ groupId, generation, outcome }: RebalanceStory): boolean {
    if (outcome !== 'coordinator moved' || generation === 0) return false
    const told = this.#ring.of(groupId).flatMap((story) => read(story) ?? [])
    const deleted = told.findLastIndex((story) => story.outcome === 'deleted')
    return told.slice(deleted + 1).some((story) => story.generation >= generation)
  }
}

/** Undefined: not a story, which only somebody with a text editor could have put there. */
function read(story: Buffer): RebalanceStory | undefined {
  try {
    return JSON.parse(story.toString()) as RebalanceStory
  } catch {
    return undefined
  }
}
