import { setTimeout as pause } from 'node:timers/promises'
import type { Producer } from '@rivven/client'

/** Numbers sent to the partitions of one topic in turn, at a steady pace. */
export class TopicLoad {
  readonly topic: string
  readonly partitions: number
  /** Records that were acknowledged. */
  acknowledged = 0
  readonly failures: string[] = []
  readonly #producer: Producer
  readonly #sent: number[]
  readonly #underWay = new Set<Promise<void>>()
  #isOver = false
  #sending: Promise<void> = Promise.resolve()

  constructor(producer: Producer, topic: string, partitions: number) {
    this.#producer = producer
    this.topic = topic
    this.partitions = partitions
    this.#sent = Array.from({ length: partitions }, () => 0)
  }

  start(recordsPerSecond: number): void {
    this.#sending = this.#send(1_000 / recordsPerSecond)
  }

  /** Resolves when all that was sent is answered. */
  async finish(): Promise<void> {
    this.#isOver = true
    await this.#sending
    await Promise.all(this.#underWay)
  }

  /** How many numbers a partition has got. */
  sentTo(partition: number): number {
    return this.#sent[partition] ?? 0
  }

  async #send(everyMs: number): Promise<void> {
    for (let at = 0; !this.#isOver; at = (at + 1) % this.partitions) {
      const sending = this.#sendOne(at, this.#sent[at]!++).finally(() => this.#underWay.delete(sending))
      this.#underWay.add(sending)
      await pause(everyMs)
    }
  }

  async #sendOne(partition: number, sequence: number): Promise<void> {
    try {
      await this.#producer.send({ topic: this.topic, partition, value: String(sequence) })
      this.acknowledged++
    } catch (error) {
      this.failures.push(`${this.topic}, send: ${error}`)
    }
  }
}
