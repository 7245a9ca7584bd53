import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { Check, Report } from '../check.js'
import { AFTERMATH_MS, faultMs } from './aftermath.js'
import { brokerIdOf, type Leaders } from './leaders.js'

/** So long a hand-over may refuse. */
const HANDOVER_MS = 1_000
/** LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER. */
const refusing = new Set([5, 6])

/** What moves partitions in order, and disturbs nobody. */
const handsOver = /^fault: drain/

/** Invariant 40: where nothing goes wrong whoever leads a partition for a second, by then or by a hand-over, refuses nobody. */
export class Refusals implements Check {
  readonly #report: Report
  readonly #leaders: Leaders
  #disturbedAt = 0

  constructor(report: Report, leaders: Leaders) {
    this.#report = report
    this.#leaders = leaders
  }

  see(event: Timed<Seen>): void {
    const isFault = event.kind === 'note' && /^fault/.test(event.text) && !handsOver.test(event.text)
    if (isFault) this.#disturbedAt = event.at + faultMs(event.text)
    else if (event.kind === 'broker' || event.kind === 'disk') this.#disturbedAt = event.at
    if (event.kind !== 'answer') return
    const { exchange } = event
    if (exchange.api.name === 'Produce') this.#seeProduce(exchange)
    else if (exchange.api.name === 'Fetch') this.#seeFetch(exchange)
  }

  #seeProduce(exchange: Exchange): void {
    for (const { name, topicId, partitionResponses } of exchange.response.responses)
      for (const { index, errorCode } of partitionResponses)
        this.#mustServe(exchange, [name, topicId, index], errorCode)
  }

  #seeFetch(exchange: Exchange): void {
    for (const { topic, topicId, partitions } of exchange.response.responses ?? [])
      for (const { partitionIndex, errorCode } of partitions)
        this.#mustServe(exchange, [topic, topicId, partitionIndex], errorCode)
  }

  #mustServe(
    { broker, sentAt, answeredAt = 0 }: Exchange,
    [topic, topicId, partition]: [topic: string | undefined, topicId: string | undefined, partition: number],
    errorCode: number,
  ): void {
    if (!refusing.has(errorCode)) return
    const led = this.#leaders.of(topic, topicId, partition)
    if (led?.leader !== brokerIdOf(broker) || sentAt < led.since + HANDOVER_MS) return
    if (sentAt < this.#disturbedAt + AFTERMATH_MS) return
    const forMs = (answeredAt - led.since).toFixed(0)
    this.#report('40', `${broker} refuses ${led.topic}-${partition} (${errorCode}), which it leads for ${forMs} ms`)
  }
}
