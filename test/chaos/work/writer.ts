import { setTimeout as pause } from 'node:timers/promises'
import { Producer } from '@rivven/client'
import type { Written } from '../check/log-check.js'
import { patience, quiet } from './patience.js'

export interface WriterOptions {
  bootstrapServers: string
  name: string
  topic: string
  partitions: number
  /** Records of each partition that wait for their acknowledgement at a time. */
  inFlight: number
  /** After an acknowledgement, before the next record. */
  pauseMs: number
  /** `madeAt` (monotonic): its age counts from then, however long it took to be acknowledged. */
  acknowledged(record: Written, offset: number, madeAt: number): void
}

/** An idempotent producer of `name:0`, `name:1`, … in each partition. */
export class Writer {
  readonly #options: WriterOptions
  readonly #producer: Producer
  readonly #done: Promise<unknown>
  #isOver = false
  /** Records that were given up without an acknowledgement. */
  failures = 0

  constructor(options: WriterOptions) {
    this.#options = options
    const { bootstrapServers, partitions } = options
    this.#producer = new Producer({ bootstrapServers, clientId: options.name, ...patience, ...quiet })
    this.#done = Promise.all(Array.from({ length: partitions }, (_, partition) => this.#fill(partition)))
  }

  /** Resolves when everything that was sent has ended, one way or the other. */
  async close(): Promise<void> {
    this.#isOver = true
    await this.#done
    await this.#producer.close()
  }

  async #fill(partition: number): Promise<void> {
    let next = 0
    const turn = async () => {
      while (!this.#isOver) {
        await this.#write(partition, next++)
        await pause(this.#options.pauseMs)
      }
    }
    await Promise.all(Array.from({ length: this.#options.inFlight }, turn))
  }

  async #write(partition: number, n: number): Promise<void> {
    const { name: writer, topic, acknowledged } = this.#options
    const madeAt = performance.now()
    try {
      const { offset } = await this.#producer.send({ topic, partition, value: `${writer}:${n}` })
      acknowledged({ writer, partition, n }, offset, madeAt)
    } catch {
      this.failures++
    }
  }
}

/** What a writer has put into a record. */
export function writtenIn(partition: number, value: Buffer | null): Written {
  const [writer = '', n] = String(value).split(':')
  return { writer, partition, n: Number(n) }
}
