/** The end of a transaction as it is written into one partition. */
export interface Marker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly committed: boolean
  readonly coordinatorEpoch: number
  readonly transactionVersion: number
}

/** Where a marker is written: the leader of its partition. */
export interface MarkerTaker {
  /** One attempt; resolves to NONE when the marker is durable. */
  write(marker: Marker, topic: string, partition: number): Promise<number>
  /** The highest coordinator epoch of which a marker of the producer came to the partition; -1 where none is known. */
  coordinatorEpochOf(producerId: number, topic: string, partition: number): Promise<number>
}
