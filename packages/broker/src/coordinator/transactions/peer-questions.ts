import { AddPartitionsToTxn, ErrorCode } from '@rivven/protocol'
import type { Peers } from '../../cluster/peers/peers.js'
import { TurnBatches } from '../../cluster/peers/turn-batches.js'
import type { PartitionQuestion } from './partition-question.js'

/** Asks the coordinators at other brokers: what one is asked in one turn goes as one request. */
export class PeerQuestions {
  readonly #peers: Peers
  readonly #batches = new TurnBatches<PartitionQuestion>((broker, questions) => this.#ask(broker, questions))

  constructor(peers: Peers) {
    this.#peers = peers
  }

  /** What the coordinator says of the partition; NETWORK_EXCEPTION where it says nothing. */
  async ask(broker: number, question: PartitionQuestion): Promise<number> {
    const errorCode = await this.#batches.ask(broker, question)
    // What this broker may not do is nothing that the producer could mend: it was allowed to write when it came.
    return refusals.has(errorCode) ? ErrorCode.NETWORK_EXCEPTION : errorCode
  }

  /** Each has an entry of its own, and they are answered in their order. */
  async #ask(broker: number, questions: readonly PartitionQuestion[]): Promise<(number | undefined)[]> {
    const transactions = questions.map(({ topic, partition, ...writer }) => ({
      ...writer,
      topics: [{ name: topic, partitions: [partition] }],
    }))
    const answer = await this.#peers.ask(broker, 'questions', AddPartitionsToTxn, { transactions })
    if (answer.errorCode !== ErrorCode.NONE) return questions.map(() => answer.errorCode)
    return answer.resultsByTransaction.map(
      ({ topicResults }) => topicResults[0]?.resultsByPartition[0]?.partitionErrorCode,
    )
  }
}

const refusals: ReadonlySet<number> = new Set([
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
])
