import type { Consumer, TopicPartition } from '@rivven/client'

const LOOK_MS = 100

/** Watches whether a member stays what it is: in its generation, with its partitions, and heard in time. */
export class Membership {
  /** Rebalances nobody asked for. */
  rebalances = 0
  /** It was thrown out: its partitions were lost, or it has another id. */
  thrownOut = 0
  /** Heartbeats that were not answered within the session. */
  lateHeartbeats = 0
  /** The longest time since one was answered. */
  oldestMs = 0
  readonly #consumer: Consumer
  readonly #sessionTimeoutMs: number
  #timer: NodeJS.Timeout | undefined
  #memberId = ''
  #generation = -1
  #isLate = false

  constructor(consumer: Consumer, sessionTimeoutMs: number) {
    this.#consumer = consumer
    this.#sessionTimeoutMs = sessionTimeoutMs
    consumer.setRebalanceListener({ onPartitionsLost: (lost) => this.#onLost(lost) })
  }

  /** From now on nothing may change. */
  begin(): void {
    this.#memberId = this.#consumer.memberId
    this.#generation = this.#consumer.generationId
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  end(): void {
    this.#look()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const { memberId, generationId } = this.#consumer
    if (generationId !== this.#generation) this.rebalances++
    if (memberId !== this.#memberId) this.thrownOut++
    this.#generation = generationId
    this.#memberId = memberId
    this.#hear(this.#consumer.health().lastHeartbeatAgoMs ?? 0)
  }

  #hear(agoMs: number): void {
    this.oldestMs = Math.max(this.oldestMs, Math.round(agoMs))
    const isLate = agoMs >= this.#sessionTimeoutMs
    if (isLate && !this.#isLate) this.lateHeartbeats++
    this.#isLate = isLate
  }

  #onLost(lost: readonly TopicPartition[]): void {
    if (this.#timer && lost.length > 0) this.thrownOut++
  }
}
