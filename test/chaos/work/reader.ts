import { Consumer, type ConsumerOptions, type ConsumerRecord } from '@rivven/client'
import { patience, quiet } from './patience.js'

interface ReaderOptions {
  bootstrapServers: string
  topic: string
  partitions: number
  isolationLevel?: ConsumerOptions['isolationLevel']
}

/** Reads all partitions of a topic from their beginning on, in no group, whatever happens to brokers. */
export class Reader {
  readonly #consumer: Consumer
  readonly #done: Promise<void>
  #isOver = false

  constructor({ topic, partitions, ...options }: ReaderOptions, onRecord: (record: ConsumerRecord) => void) {
    const waits = { fetchMaxWaitMs: 200, ...patience, ...quiet }
    this.#consumer = new Consumer({ autoOffsetReset: 'earliest', ...options, ...waits })
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    this.#done = this.#consumer.assign(all).then(async () => {
      while (!this.#isOver) for (const record of await pollAnyway(this.#consumer)) onRecord(record)
    })
  }

  async close(): Promise<void> {
    this.#isOver = true
    await this.#done
    await this.#consumer.close()
  }
}

/** What came in a tenth of a second; nothing where brokers are in trouble. */
export async function pollAnyway(consumer: Consumer): Promise<ConsumerRecord[]> {
  try {
    return await consumer.poll(100)
  } catch {
    return []
  }
}
