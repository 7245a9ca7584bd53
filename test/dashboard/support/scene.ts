import { Admin, Producer } from '@rivven/client'
import { type Rivven, startRivven } from '@rivven/testing'

/** A broker with what pages show, and ways to change it. */
export class Scene {
  readonly rivven: Rivven
  readonly admin: Admin
  readonly #producer: Producer

  private constructor(rivven: Rivven) {
    const { bootstrapServers } = rivven
    this.rivven = rivven
    this.admin = new Admin({ bootstrapServers })
    this.#producer = new Producer({ bootstrapServers })
  }

  /** Looks at lag often, and takes who stands still for a moment for one that has stopped. */
  static async open(config: Record<string, unknown> = {}): Promise<Scene> {
    const quick = { lag_sample_interval_ms: 100, lag_window_ms: 300 }
    return new Scene(await startRivven({ http: true, config: { ...quick, ...config } }))
  }

  get url(): string {
    const { url } = this.rivven
    if (url === undefined) throw new Error('nothing is served over HTTP')
    return url
  }

  async topic(name: string, partitions: number, recordsOfEach = 0): Promise<void> {
    await this.admin.createTopics([{ name, partitions }])
    const records = Array.from({ length: partitions * recordsOfEach }, (_, at) => ({
      ...{ topic: name, partition: at % partitions, value: `{"order":${at}}` },
    }))
    for (const record of records) this.#producer.send(record)
    await this.#producer.flush()
  }

  /** A group without members that has committed so far in each partition. */
  async group(groupId: string, topic: string, offsets: readonly number[]): Promise<void> {
    await this.admin.alterGroupOffsets(
      groupId,
      offsets.map((offset, partition) => ({ topic, partition, offset })),
    )
  }

  async close(): Promise<void> {
    await this.admin.close()
    await this.#producer.close()
    await this.rivven.close()
  }
}
