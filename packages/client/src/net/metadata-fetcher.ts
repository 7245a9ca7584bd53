import type { Outgoing } from '@rivven/link'
import { ErrorCode, type Metadata, type MetadataResponse } from '@rivven/protocol'
import { type ClusterImage, emptyImage, type LeaderHint, mergeMetadata, withLeader } from './cluster-image.js'

export type TopicChoice = readonly string[] | 'all'

/** Sends one Metadata request to some broker. */
export type AskMetadata = (request: (version: number) => Outgoing<typeof Metadata>) => Promise<MetadataResponse>

interface Batch {
  topics: Set<string>
  all: boolean
  done: Promise<ClusterImage>
}

/** Requests of one kind: at most one on its way, and one that gathers what is asked for meanwhile. */
interface Lane {
  running: Batch | null
  next: Batch | null
}

/** Keeps the image of the cluster. Callers that ask for the same thing at the same time share one request. */
export class MetadataFetcher {
  readonly #ask: AskMetadata
  readonly #onAnswer: (image: ClusterImage, answer: MetadataResponse) => void
  readonly #lanes: { plain: Lane; create: Lane } = {
    plain: { running: null, next: null },
    create: { running: null, next: null },
  }
  readonly #tracked = new Set<string>()
  readonly #listeners = new Set<(image: ClusterImage) => void>()
  #tracksAll = false
  #image = emptyImage

  constructor(ask: AskMetadata, onAnswer: (image: ClusterImage, answer: MetadataResponse) => void) {
    this.#ask = ask
    this.#onAnswer = onAnswer
  }

  get image(): ClusterImage {
    return this.#image
  }

  /** Calls `listener` with each new image until the returned function is called. */
  onChange(listener: (image: ClusterImage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The image with these topics in it; asks only when one of them is not known or in error. */
  async with(topics: TopicChoice, allowAutoCreate: boolean): Promise<ClusterImage> {
    const isKnown =
      topics !== 'all' && topics.every((name) => this.#image.topics.get(name)?.errorCode === ErrorCode.NONE)
    if (isKnown && this.#image.brokers.size > 0) return this.#image
    return this.fetch(topics, allowAutoCreate)
  }

  /** Asks again for everything that was ever asked for. */
  refresh(): Promise<ClusterImage> {
    return this.fetch(this.#tracksAll ? 'all' : [...this.#tracked], false)
  }

  fetch(topics: TopicChoice, allowAutoCreate: boolean): Promise<ClusterImage> {
    if (topics === 'all') this.#tracksAll = true
    else for (const name of topics) this.#tracked.add(name)
    const lane = allowAutoCreate ? this.#lanes.create : this.#lanes.plain
    if (lane.running && covers(lane.running, topics)) return lane.running.done
    lane.next ??= this.#schedule(lane)
    if (topics === 'all') lane.next.all = true
    else for (const name of topics) lane.next.topics.add(name)
    return lane.next.done
  }

  /** Takes a leader that another answer told of. */
  hint(hint: LeaderHint): void {
    this.#replace(withLeader(this.#image, hint))
  }

  #schedule(lane: Lane): Batch {
    const before = lane.running?.done.then(noop, noop) ?? Promise.resolve()
    const done = before.then(() => this.#run(lane))
    return { topics: new Set(), all: false, done }
  }

  async #run(lane: Lane): Promise<ClusterImage> {
    const batch = lane.next!
    lane.running = batch
    lane.next = null
    try {
      const allowAutoTopicCreation = lane === this.#lanes.create
      const answer = await this.#ask((version) => requestFor(batch, version, allowAutoTopicCreation))
      const image = mergeMetadata(this.#image, answer, batch.all)
      this.#onAnswer(image, answer)
      this.#replace(image)
      return this.#image
    } finally {
      lane.running = null
    }
  }

  #replace(image: ClusterImage): void {
    if (image === this.#image) return
    this.#image = image
    for (const listener of this.#listeners) listener(image)
  }
}

/** All topics are asked for with null, in version 0 with an empty list. */
function requestFor(batch: Batch, version: number, allowAutoTopicCreation: boolean): Outgoing<typeof Metadata> {
  const all = version === 0 ? [] : null
  const topics = batch.all ? all : [...batch.topics].map((name) => ({ name }))
  return { topics, allowAutoTopicCreation }
}

function covers(batch: Batch, topics: TopicChoice): boolean {
  if (batch.all) return true
  return topics !== 'all' && topics.every((name) => batch.topics.has(name))
}

function noop(): void {
  // The next request goes out whether or not the one before it succeeded.
}
