import { type Exchange, nameOf, type Seen, type Timed, type TopicPartition } from '../../history/history.js'
import type { Check, Report } from '../check.js'

/**
 * Which records an administrator has asked to delete: from then on they may be gone, or still there. Invariant 27: a log
 * never begins before what a deletion was answered with, nor before where it began already.
 */
export class DeletedRecords implements Check {
  readonly #report: Report
  /** By partition: behind what may be gone. */
  readonly #asked = new Map<string, number>()
  /** By partition: where the log begins, as an answer said. */
  readonly #starts = new Map<string, { readonly offset: number; readonly at: number }>()
  readonly #names = new Map<string, string>()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (event.kind !== 'request' && event.kind !== 'answer') return
    const { exchange } = event
    switch (exchange.api.name) {
      case 'DeleteRecords':
        if (event.kind === 'request') this.#seeAsked(exchange)
        else this.#seeDeleted(exchange, event.at)
        return
      case 'Metadata':
        if (event.kind === 'answer') this.#learnNames(exchange)
        return
      case 'Fetch':
        if (event.kind === 'answer') this.#seeFetched(exchange, event.at)
    }
  }

  mayBeGone(partition: TopicPartition, offset: number): boolean {
    return offset < (this.#asked.get(nameOf(partition)) ?? 0)
  }

  #seeAsked({ request }: Exchange): void {
    for (const { name: topic, partitions } of request.topics)
      for (const { partitionIndex: partition, offset } of partitions) {
        const name = nameOf({ topic, partition })
        this.#asked.set(name, Math.max(offset, this.#asked.get(name) ?? 0))
      }
  }

  #seeDeleted({ response, sentAt }: Exchange, at: number): void {
    for (const { name: topic, partitions } of response.topics)
      for (const { partitionIndex: partition, lowWatermark: start, errorCode } of partitions)
        if (errorCode === 0) this.#begins(nameOf({ topic, partition }), { start, sentAt, at })
  }

  #learnNames({ response }: Exchange): void {
    for (const { name, topicId } of response.topics ?? []) if (topicId) this.#names.set(topicId, name)
  }

  #seeFetched({ response, sentAt }: Exchange, at: number): void {
    for (const { topic, topicId, partitions } of response.responses ?? []) {
      for (const { partitionIndex: partition, logStartOffset: start, errorCode } of partitions) {
        if (errorCode !== 0) continue
        const name = nameOf({ topic: topic || (this.#names.get(topicId) ?? topicId), partition })
        this.#begins(name, { start, sentAt, at })
      }
    }
  }

  /** What an answer says; one to a request that was sent before a later start was known may be old. */
  #begins(name: string, { start, sentAt, at }: { start: number; sentAt: number; at: number }): void {
    const known = this.#starts.get(name)
    if (known && sentAt >= known.at && start < known.offset)
      this.#report('27', `the start of ${name} goes from ${known.offset} back to ${start}`)
    if (start > (known?.offset ?? 0)) this.#starts.set(name, { offset: start, at })
  }
}
