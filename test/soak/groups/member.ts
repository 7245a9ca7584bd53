import { Consumer, type ConsumerOptions, type ConsumerRecord } from '@rivven/client'

const POLL_MS = 500

/** One member: reads, commits, tells what it has committed. */
export class Member {
  /** It lost its partitions: nothing that is done here is a reason, but leaving while the others, who leave as well, rebalance. */
  thrownOut = 0
  readonly failures: string[] = []
  readonly #consumer: Consumer
  readonly #onRead: (record: ConsumerRecord) => void
  #isOver = false
  #reading: Promise<void> = Promise.resolve()

  constructor(options: ConsumerOptions, onRead: (record: ConsumerRecord) => void) {
    this.#consumer = new Consumer(options)
    this.#onRead = onRead
    this.#consumer.setRebalanceListener({
      onPartitionsLost: (lost) => {
        if (lost.length > 0 && !this.#isOver) this.thrownOut++
      },
    })
  }

  get generation(): number {
    return this.#consumer.generationId
  }

  /** How many partitions it has; none counts while it is on its way into another generation. */
  get owned(): number {
    const { state, assignment } = this.#consumer.health()
    return state === 'stable' ? assignment.length : 0
  }

  get heardAgoMs(): number {
    return this.#consumer.health().lastHeartbeatAgoMs ?? 0
  }

  async start(topic: string): Promise<void> {
    await this.#consumer.subscribe([topic])
    this.#reading = this.#read()
  }

  /** Commits what it has in hand, and leaves. */
  async leave(): Promise<void> {
    this.#isOver = true
    await this.#reading
    await this.#consumer.close()
  }

  async #read(): Promise<void> {
    while (!this.#isOver) {
      try {
        const records = await this.#consumer.poll(POLL_MS)
        if (records.length === 0) continue
        await this.#consumer.commit()
        for (const record of records) this.#onRead(record)
      } catch (error) {
        this.failures.push(`poll and commit: ${error}`)
        // As an application would: what is not committed comes again.
        this.#consumer.seekToCommitted()
      }
    }
  }
}
