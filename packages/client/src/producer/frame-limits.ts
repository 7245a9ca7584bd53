import { RecordTooLargeError, type RivvenError } from '@rivven/link'
import { DescribeConfigs, ErrorCode } from '@rivven/protocol'
import type { Cluster } from '../net/cluster.js'
import type { ProducerBatch } from './producer-batch.js'

/** Smaller batches are not worth asking for: limits are 100 MiB, as a rule. */
const smallest = 1024 * 1024
/** What a request has besides a batch, at least. */
const overhead = 64
const brokerResource = 4
const key = 'socket.request.max.bytes'

/**
 * The largest requests that brokers take. A larger one has no answer: the broker ends the connection, as it does for many
 * other reasons, so it is asked.
 */
export class FrameLimits {
  readonly #cluster: Cluster
  readonly #limits = new Map<number, number>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Whether the size may be why the broker ended the connection, as long as the limit is not known. */
  isSuspect(broker: number, batch: ProducerBatch): boolean {
    return batch.wireSize >= smallest && !this.#limits.has(broker)
  }

  /** Why the broker can never take the batch, going by what it said of its limit; null: it can, or did not say. */
  refusal(broker: number, batch: ProducerBatch): RivvenError | null {
    const limit = this.#limits.get(broker) ?? Number.POSITIVE_INFINITY
    if (batch.wireSize + overhead <= limit) return null
    const { topic, partition, count, wireSize } = batch
    const what = count === 1 ? 'A record' : `${count} records`
    const text = `${what} for ${topic}/${partition} need a request of ${wireSize} bytes; broker ${broker} takes ${limit} (${key}).`
    const hint = count === 1 ? 'Send smaller records.' : 'Lower batchSize.'
    return new RecordTooLargeError('MESSAGE_TOO_LARGE', text, { hint, facts: { topic, partition, broker } })
  }

  /** Asks the broker; one that does not say has no limit that is known. */
  async learn(broker: number): Promise<void> {
    const resources = [{ resourceType: brokerResource, resourceName: String(broker), configurationKeys: [key] }]
    const { results } = await this.#cluster.send(broker, DescribeConfigs, { resources })
    const config = results
      .find(({ errorCode }) => errorCode === ErrorCode.NONE)
      ?.configs.find(({ name }) => name === key)
    const limit = Number(config?.value)
    if (limit > 0) this.#limits.set(broker, limit)
  }
}
