import { buildControlBatch } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { PartitionFinder } from '../../../cluster/partition-finder.js'
import type { Coordinator } from '../../groups/coordinator.js'
import { offsetsTopic } from '../../groups/offsets-topic.js'
import type { Marker, MarkerTaker } from './marker.js'

export interface LedMarkersOptions {
  readonly clock: Clock
  readonly partitions: PartitionFinder
  /** Of groups: their offsets follow the marker. */
  readonly coordinator: Coordinator
}

/** Writes markers into the partitions that this broker leads. */
export class LedMarkers implements MarkerTaker {
  readonly #options: LedMarkersOptions

  constructor(options: LedMarkersOptions) {
    this.#options = options
  }

  leads(topic: string, partition: number): boolean {
    return this.#options.partitions.view(topic, partition) !== undefined
  }

  async write(marker: Marker, topic: string, partition: number): Promise<number> {
    const { clock, partitions, coordinator } = this.#options
    const log = partitions.log(topic, partition)
    if (!log) return partitions.faultOf(topic, partition)
    if (topic === offsetsTopic) return coordinator.endTransaction(partition, marker)
    const type = marker.committed ? 'COMMIT' : 'ABORT'
    const batch = buildControlBatch({ ...marker, type, timestamp: clock.now() })
    const options = { acks: -1, origin: 'coordinator', transactionVersion: marker.transactionVersion } as const
    return (await log.append(batch, options)).errorCode
  }

  async coordinatorEpochOf(producerId: number, topic: string, partition: number): Promise<number> {
    const log = this.#options.partitions.view(topic, partition)
    return log?.producers.producers.get(producerId)?.coordinatorEpoch ?? -1
  }
}
