import { DescribeProducers, ErrorCode, WriteTxnMarkers, type WriteTxnMarkersRequest } from '@rivven/protocol'
import type { Peers } from '../../../cluster/peers/peers.js'
import { TurnBatches } from '../../../cluster/peers/turn-batches.js'
import type { Marker, MarkerTaker } from './marker.js'

/** A marker on its way, and who is told how that went. */
interface Posted {
  readonly marker: Marker
  readonly topic: string
  readonly partition: number
  readonly told: (errorCode: number) => void
}

/** Has other brokers write markers into what they lead: those of one turn for one broker go as one request. */
export class PeerMarkers {
  readonly #peers: Peers
  readonly #batches = new TurnBatches<Posted>((broker, posted) => void this.#post(broker, posted))

  constructor(peers: Peers) {
    this.#peers = peers
  }

  /** What the broker leads. It answers NETWORK_EXCEPTION where nobody knows whether the marker was written. */
  at(broker: number): MarkerTaker {
    return {
      write: (marker, topic, partition) =>
        new Promise((told) => this.#batches.add(broker, { marker, topic, partition, told })),
      coordinatorEpochOf: (producerId, topic, partition) => this.#epochAt(broker, producerId, topic, partition),
    }
  }

  async #post(broker: number, posted: readonly Posted[]): Promise<void> {
    try {
      const answer = await this.#peers.ask(broker, 'markers', WriteTxnMarkers, { markers: entriesOf(posted) })
      // Each has an entry of its own, and they are answered in their order.
      for (const [at, { told }] of posted.entries()) {
        told(answer.markers[at]?.topics[0]?.partitions[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR)
      }
    } catch {
      // The peers have told of it.
      for (const { told } of posted) told(ErrorCode.NETWORK_EXCEPTION)
    }
  }

  async #epochAt(broker: number, producerId: number, topic: string, partition: number): Promise<number> {
    const topics = [{ name: topic, partitionIndexes: [partition] }]
    const answer = await this.#peers.ask(broker, 'questions', DescribeProducers, { topics }).catch(() => undefined)
    const producers = answer?.topics[0]?.partitions[0]?.activeProducers ?? []
    return producers.find((producer) => producer.producerId === producerId)?.coordinatorEpoch ?? -1
  }
}

function entriesOf(posted: readonly Posted[]): WriteTxnMarkersRequest['markers'] {
  return posted.map(({ marker, topic, partition }) => ({
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    transactionResult: marker.committed,
    topics: [{ name: topic, partitionIndexes: [partition] }],
    coordinatorEpoch: marker.coordinatorEpoch,
    transactionVersion: marker.transactionVersion,
  }))
}
