import { asRivvenError, errorFromCode } from '@rivven/link'
import { errorOf } from '@rivven/protocol'
import type { Cluster } from '../net/cluster.js'
import type { ClusterImage } from '../net/cluster-image.js'
import type { ProducerTopic } from './accumulator.js'

export interface LookupSettings {
  allowAutoCreate: boolean
  maxBlockMs: number
}

/** How often a topic that is not there is still asked for once the producer is being closed. */
const lastAttempts = 3

/** Finds the topics that records wait for, and has them created where that is allowed. */
export class TopicLookups {
  readonly #cluster: Cluster
  readonly #settings: LookupSettings
  readonly #onImage: (image: ClusterImage) => void
  readonly #running = new Set<ProducerTopic>()
  #isHurried = false

  /** `onImage` takes the partitions of all topics that are known by now. */
  constructor(cluster: Cluster, settings: LookupSettings, onImage: (image: ClusterImage) => void) {
    this.#cluster = cluster
    this.#settings = settings
    this.#onImage = onImage
  }

  /** Those in the topic's line fail if it is not found. Topics that are asked for in one turn share a request. */
  begin(topic: ProducerTopic): void {
    if (this.#running.has(topic)) return
    this.#running.add(topic)
    this.#find(topic)
      .catch((error: unknown) => topic.line.failAll(asRivvenError(error, whatOf(topic))))
      .finally(() => this.#running.delete(topic))
  }

  /** Nobody waits for long any more: topics that are not there now are given up soon. */
  hurry(): void {
    this.#isHurried = true
  }

  #find(topic: ProducerTopic): Promise<void> {
    const { allowAutoCreate, maxBlockMs } = this.#settings
    let attemptsLeft = lastAttempts
    const ask = async () => {
      const image = await this.#cluster.metadata([topic.name], { allowAutoCreate })
      this.#onImage(image)
      if (topic.partitionCount > 0) return
      const errorCode = image.topics.get(topic.name)?.errorCode ?? -1
      const mayCome = errorOf(errorCode).retriable || errorCode === 0
      const isLast = this.#isHurried && --attemptsLeft <= 0
      throw errorFromCode(errorCode, whatOf(topic), {
        retriable: mayCome && !isLast,
        facts: { topic: topic.name, operation: 'DESCRIBE' },
      })
    }
    return this.#cluster.retrying(whatOf(topic), ask, { timeoutMs: maxBlockMs })
  }
}

function whatOf({ name }: ProducerTopic): string {
  return `Looking up topic ${name}`
}
