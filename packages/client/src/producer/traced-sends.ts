import { type SendTrace, sends } from '../diagnostics/channels.js'
import type { Cluster } from '../net/cluster.js'
import type { AppendedRange, ProducerRecord, RecordMetadata } from './record.js'
import { checkRecord, checkRecords } from './record-check.js'

/** Sends that somebody listens to. */
export class TracedSends {
  readonly #cluster: Cluster
  readonly #transactionalId: string | null

  constructor(cluster: Cluster, transactionalId: string | null) {
    this.#cluster = cluster
    this.#transactionalId = transactionalId
  }

  /** What is no record is refused before anybody hears of it. */
  async one(
    record: ProducerRecord,
    send: (record: ProducerRecord) => Promise<RecordMetadata>,
  ): Promise<RecordMetadata> {
    checkRecord(record)
    const context = this.#context([record], false)
    return this.#trace(context, () => send(context.records[0]!))
  }

  async many(
    records: readonly ProducerRecord[],
    send: (records: readonly ProducerRecord[]) => Promise<AppendedRange[]>,
  ): Promise<AppendedRange[]> {
    checkRecords(records)
    const context = this.#context(records, true)
    return this.#trace(context, () => send(context.records))
  }

  #context(records: readonly ProducerRecord[], isMany: boolean): SendTrace {
    const { clientId } = this.#cluster
    return { clientId, transactionalId: this.#transactionalId, isMany, records: records.map((one) => ({ ...one })) }
  }

  #trace<Result extends RecordMetadata | AppendedRange[]>(
    context: SendTrace,
    send: () => Promise<Result>,
  ): Promise<Result> {
    return sends.during(context, async () => {
      const result = await send()
      const [{ topic, partition } = { topic: '', partition: -1 }] = [result].flat()
      const leader = this.#cluster.leaderOf(topic, partition)
      context.server = leader === undefined ? undefined : this.#cluster.addressOf(leader)
      return result
    })
  }
}
