import { DescribeProducers, WriteTxnMarkers } from '@rivven/protocol'
import type { Peers } from '../../../cluster/peers/peers.js'
import { TurnBatches } from '../../../cluster/peers/turn-batches.js'
import type { Marker, MarkerTaker } from './marker.js'

/** A marker, and where it belongs. */
interface Posted {
  readonly marker: Marker
  readonly topic: string
  readonly partition: number
}

/** Has other brokers write markers into what they lead: those of one turn for one broker go as one request. */
export class PeerMarkers {
  readonly #peers: Peers
  readonly #batches = new TurnBatches<Posted>((broker, posted) => this.#post(broker, posted))

  constructor(peers: Peers) {
    this.#peers = peers
  }

  /** What the broker leads. It answers NETWORK_EXCEPTION where nobody knows whether the marker was written. */
  at(broker: number): MarkerTaker {
    return {
      write: (marker, topic, partition) => this.#batches.ask(broker, { marker, topic, partition }),
      coordinatorEpochOf: (producerId, topic, partition) => this.#epochAt(broker, producerId, topic, partition),
    }
  }

  /** Each has an entry of its own, and they are answered in their order. */
  async #post(broker: number, posted: readonly Posted[]): Promise<(number | undefined)[]> {
    const { markers } = await this.#peers.ask(broker, 'markers', WriteTxnMarkers, { markers: posted.map(entryOf) })
    return markers.map(({ topics }) => topics[0]?.partitions[0]?.errorCode)
  }

  async #epochAt(broker: number, producerId: number, topic: string, partition: number): Promise<number> {
    const topics = [{ name: topic, partitionIndexes: [partition] }]
    const answer = await this.#peers.ask(broker, 'questions', DescribeProducers, { topics }).catch(() => undefined)
    const producers = answer?.topics[0]?.partitions[0]?.activeProducers ?? []
    return producers.find((producer) => producer.producerId === producerId)?.coordinatorEpoch ?? -1
  }
}

function entryOf({ marker, topic, partition }: Posted) {
  const { producerId, producerEpoch, committed, coordinatorEpoch, transactionVersion } = marker
  const topics = [{ name: topic, partitionIndexes: [partition] }]
  return { producerId, producerEpoch, transactionResult: committed, topics, coordinatorEpoch, transactionVersion }
}
