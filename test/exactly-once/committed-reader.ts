import { Consumer } from '@rivven/client'

/** Reads along what is committed to a topic, and remembers it in the order of its coming. */
export class CommittedReader {
  /** The numbers seen, by partition. */
  readonly values: number[][]
  /** The attempt that each record was written in. */
  readonly attempts: string[] = []
  count = 0
  readonly #consumer: Consumer
  readonly #topic: string
  readonly #done: Promise<void>
  #isOver = false

  constructor(bootstrapServers: string, topic: string, partitions: number) {
    this.values = Array.from({ length: partitions }, () => [])
    this.#topic = topic
    const waits = { fetchMaxWaitMs: 100, retryBackoffMs: 50, requestTimeoutMs: 5000 }
    const isolationLevel = 'read_committed'
    this.#consumer = new Consumer({ bootstrapServers, isolationLevel, autoOffsetReset: 'earliest', ...waits })
    this.#done = this.#run()
  }

  async close(): Promise<void> {
    this.#isOver = true
    await this.#done
    await this.#consumer.close()
  }

  async #run(): Promise<void> {
    await this.#consumer.assign(this.values.map((_, partition) => ({ topic: this.#topic, partition })))
    while (!this.#isOver) await this.#readSome()
  }

  /** A broker that is down is no reason to stop. */
  async #readSome(): Promise<void> {
    const records = await this.#consumer.poll(100).catch(() => [])
    for (const { partition, value, headers } of records) {
      this.values[partition]!.push(Number(String(value).split(':')[1]))
      this.attempts.push(String(headers[0]?.value))
      this.count++
    }
  }
}
