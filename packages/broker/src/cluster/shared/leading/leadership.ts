import type { Clock } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Catalog } from '../../../catalog/catalog.js'
import type { Term } from '../../../database/database.js'
import { isPassing } from '../../../database/database-error.js'
import type { Members } from '../../../database/members.js'
import { Slots } from '../../../slots.js'
import type { Handed, Led } from '../../cluster.js'
import type { ClusterCounts } from '../../cluster-counts.js'
import { type ClusterImage, changedTopics, emptyImage, type PartitionLeader } from '../../image.js'
import { CALL_MS, RETRY_MS } from '../cluster-times.js'
import type { ImageFollower } from '../image/image-follower.js'
import { passed, within } from '../insist.js'
import type { Membership } from '../members/membership.js'
import { HandOver, type Manners } from './hand-over.js'
import { OpenPartition, type PartitionSteps } from './open-partition.js'

export interface LeadershipOptions {
  readonly members: Members
  readonly membership: Membership
  readonly follower: ImageFollower
  readonly catalog: Pick<Catalog, 'topic'>
  readonly counts: ClusterCounts
  readonly led: Led
  readonly clock: Clock
  readonly log: Logger
}

/** What became of a partition that was to be given away. */
export interface GivenAway {
  readonly topic: string
  readonly partition: number
  readonly handed: Handed
  /** For how long its requests had to wait. */
  readonly pauseMs: number
}

/** So many logs are opened at a time: what opens in one turn is asked for with one call, and the turn is not to be a long one. */
const OPENINGS = 512

/**
 * Opens, hands over and loses partitions as the image says who leads them: one thing after the other for each partition. No
 * term is opened twice: where it would be, the broker gives itself the next one first.
 */
export class Leadership {
  readonly #options: LeadershipOptions
  /** By topic and index; those that are led here, or were a moment ago. */
  readonly #partitions = new Map<string, OpenPartition>()
  readonly #slots = new Slots(OPENINGS)
  readonly #steps: PartitionSteps = {
    step: (partition) => this.#step(partition),
    failed: ({ topic, index }, error) =>
      this.#options.log.error({ error, topic, partition: index }, 'it cannot be led'),
  }
  #image = emptyImage
  #hasEnded = false
  #life = new AbortController()

  constructor(options: LeadershipOptions) {
    this.#options = options
  }

  /** How many are led here, or are being opened. */
  get count(): number {
    let count = 0
    for (const { wanted } of this.#partitions.values()) if (wanted) count++
    return count
  }

  /** The image is another one, or this broker has begun another life. */
  changed(now: ClusterImage): void {
    if (this.#hasEnded) return
    const before = this.#image
    this.#image = now
    const { me } = this.#options.membership
    const self = me && now.brokers.get(me.brokerId)?.incarnation === me.incarnation ? me.brokerId : undefined
    for (const change of changedTopics(now, before)) {
      const count = Math.max(change.now?.partitions.length ?? 0, change.before?.partitions.length ?? 0)
      for (let index = 0; index < count; index++)
        this.#want(change.name, index, termOf(change.now?.partitions[index], self))
    }
  }

  /** Nothing is led here any more, until `changed` is called again. Resolves when all is closed. */
  async loseAll(): Promise<void> {
    this.#life.abort()
    this.#life = new AbortController()
    this.#image = emptyImage
    for (const { topic, index } of this.#partitions.values()) this.#want(topic, index, undefined)
    await this.settled()
  }

  /** The same for good: what is left to this broker meanwhile, as when several leave, waits for the next one. */
  async end(): Promise<void> {
    this.#hasEnded = true
    await this.loseAll()
  }

  /** Resolves when everything is as the image said a moment ago: of one topic, or of all. */
  async settled(topic?: string): Promise<void> {
    const asked = [...this.#partitions.values()].filter((partition) => topic === undefined || partition.topic === topic)
    await Promise.all(asked.map((partition) => partition.settled()))
  }

  /** Gives a term that is open here to another broker. Undefined: it is not open here. */
  async handOver({ partId, epoch }: Term, target: number, manners: Manners): Promise<GivenAway | undefined> {
    const partition = [...this.#partitions.values()].find(({ wanted }) => wanted?.partId === partId)
    if (!partition) return undefined
    return partition.run(async () => {
      const { topic, index, open } = partition
      if (open !== partition.wanted || open?.epoch !== epoch) return undefined
      const { signal } = this.#life
      const handOver = new HandOver(this.#options, { ...manners, topic, index, term: open, target, signal })
      const handed = await this.#options.led.handOver(topic, index, handOver)
      if (handed !== 'busy') partition.open = undefined
      return { topic, partition: index, handed, pauseMs: handOver.pauseMs }
    })
  }

  #want(topic: string, index: number, term: Term | undefined): void {
    const key = `${topic}-${index}`
    let partition = this.#partitions.get(key)
    if (!partition) {
      if (!term) return
      partition = new OpenPartition(topic, index, this.#steps)
      this.#partitions.set(key, partition)
    }
    partition.want(term)
    if (!term) void this.#forget(key, partition)
  }

  /** What was opened need not be known any longer: whoever gets it again gets a higher epoch. */
  async #forget(key: string, partition: OpenPartition): Promise<void> {
    await partition.settled()
    const isOver = !partition.wanted && !partition.open
    if (isOver && this.#partitions.get(key) === partition) this.#partitions.delete(key)
  }

  async #step(partition: OpenPartition): Promise<void> {
    const { topic, index, open, wanted } = partition
    if (open) {
      await this.#options.led.lose(topic, index)
      partition.open = undefined
    } else if (wanted && partition.hasOpened(wanted)) {
      await this.#nextTerm(partition, wanted)
    } else if (wanted) {
      const { counts, clock } = this.#options
      const since = clock.monotonic()
      await this.#slots.run(() => this.#open(partition))
      counts.openSeconds.add((clock.monotonic() - since) / 1_000)
    }
  }

  async #open(partition: OpenPartition): Promise<void> {
    const { topic: name, index, wanted } = partition
    if (!wanted) return
    const topic = this.#options.catalog.topic(name)
    if (!topic) throw new Error(`${name}-${index} is to be led, but its topic is not in the catalog.`)
    partition.opens(wanted)
    await this.#options.led.open({ name, id: topic.id, configs: topic.logConfig }, [index], wanted.epoch)
  }

  /** What came of it the image says: another epoch that is wanted, or none. */
  async #nextTerm(partition: OpenPartition, { partId, epoch }: Term): Promise<void> {
    const { members, membership, follower, clock } = this.#options
    const { me } = membership
    try {
      if (me) {
        const call = members.assign(me, [{ partId, epoch, target: me.brokerId }])
        const { version, partitions } = await within(clock, CALL_MS, call)
        follower.apply({ partitions })
        await follower.reach(version)
      }
    } catch (error) {
      if (!isPassing(error)) throw error
    }
    if (partition.wanted?.epoch === epoch) await passed(clock, RETRY_MS)
  }
}

function termOf(partition: PartitionLeader | undefined, self: number | undefined): Term | undefined {
  if (!partition || self === undefined || partition.leader !== self) return undefined
  return { partId: partition.partId, epoch: partition.epoch }
}
