import type { Clock } from '@rivven/runtime'
import type { Catalog, Topic } from '../../catalog/catalog.js'
import { type BrokerNode, type ClusterImage, emptyImage, type PartitionLeader, type TopicImage } from '../image.js'

export interface AloneImageOptions {
  readonly catalog: Pick<Catalog, 'topics' | 'onChange'>
  readonly clock: Clock
  /** Of every partition. */
  readonly leader: PartitionLeader
  readonly self: BrokerNode
}

type Listener = (now: ClusterImage, before: ClusterImage) => void

/**
 * The image of a broker that is alone. It is made when somebody looks, and those who listen are told in a later turn: thousands
 * of topics that are made at once must not cost as many images.
 */
export class AloneImage {
  readonly #options: AloneImageOptions
  readonly #listeners = new Set<Listener>()
  #brokers: ClusterImage['brokers']
  #image = emptyImage
  #isStale = true
  /** What those who listen were told of last. */
  #told = emptyImage
  #isTelling = false

  constructor(options: AloneImageOptions) {
    this.#options = options
    this.#brokers = new Map([[options.self.id, options.self]])
    options.catalog.onChange(({ kind }) => {
      if (kind !== 'configured') this.#changed()
    })
  }

  get now(): ClusterImage {
    if (this.#isStale) this.#image = this.#make(this.#image)
    this.#isStale = false
    return this.#image
  }

  /** What is known of this broker is another thing from now on. */
  showSelf(changes: Partial<BrokerNode>): void {
    this.#brokers = new Map(Array.from(this.#brokers, ([id, self]) => [id, { ...self, ...changes }]))
    this.#changed()
  }

  onChange(listener: Listener): () => void {
    if (this.#listeners.size === 0) this.#told = this.now
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #changed(): void {
    this.#isStale = true
    if (this.#listeners.size === 0 || this.#isTelling) return
    this.#isTelling = true
    this.#options.clock.setTimer(0, () => this.#tell())
  }

  #tell(): void {
    this.#isTelling = false
    const [before, now] = [this.#told, this.now]
    this.#told = now
    for (const listener of this.#listeners) listener(now, before)
  }

  #make(before: ClusterImage): ClusterImage {
    const topics = new Map<string, TopicImage>()
    for (const topic of this.#options.catalog.topics()) {
      const old = before.topics.get(topic.name)
      topics.set(topic.name, old && isOf(old, topic) ? old : this.#topicImage(topic))
    }
    return { ...before, version: before.version + 1, brokers: this.#brokers, topics }
  }

  #topicImage({ name, id, partitionCount }: Topic): TopicImage {
    return { name, id, partitions: new Array<PartitionLeader>(partitionCount).fill(this.#options.leader) }
  }
}

function isOf({ id, partitions }: TopicImage, topic: Topic): boolean {
  return id === topic.id && partitions.length === topic.partitionCount
}
