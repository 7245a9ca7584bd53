import { AddPartitionsToTxn, ErrorCode } from '@rivven/protocol'
import type { Peers } from '../../cluster/peers/peers.js'
import { TurnBatches } from '../../cluster/peers/turn-batches.js'
import type { PartitionQuestion } from './transaction-desk.js'

interface Asked {
  readonly question: PartitionQuestion
  readonly told: (errorCode: number) => void
}

/** Asks the coordinators at other brokers: what one is asked in one turn goes as one request. */
export class PeerQuestions {
  readonly #peers: Peers
  readonly #batches = new TurnBatches<Asked>((broker, asked) => void this.#ask(broker, asked))

  constructor(peers: Peers) {
    this.#peers = peers
  }

  /** What the coordinator says of the partition; NETWORK_EXCEPTION where it says nothing. */
  ask(broker: number, question: PartitionQuestion): Promise<number> {
    return new Promise((told) => this.#batches.add(broker, { question, told }))
  }

  async #ask(broker: number, asked: readonly Asked[]): Promise<void> {
    const transactions = asked.map(({ question: { topic, partition, ...writer } }) => ({
      ...writer,
      topics: [{ name: topic, partitions: [partition] }],
    }))
    try {
      const answer = await this.#peers.ask(broker, 'questions', AddPartitionsToTxn, { transactions })
      // Each has an entry of its own, and they are answered in their order.
      for (const [at, { told }] of asked.entries()) {
        const result = answer.resultsByTransaction[at]?.topicResults[0]?.resultsByPartition[0]
        told(toldAsker(answer.errorCode || (result?.partitionErrorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR)))
      }
    } catch {
      // The peers have told of it.
      for (const { told } of asked) told(ErrorCode.NETWORK_EXCEPTION)
    }
  }
}

/** What this broker may not do is nothing that the producer could mend: it was allowed to write when it came. */
function toldAsker(errorCode: number): number {
  return refusals.has(errorCode) ? ErrorCode.NETWORK_EXCEPTION : errorCode
}

const refusals: ReadonlySet<number> = new Set([
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
])
