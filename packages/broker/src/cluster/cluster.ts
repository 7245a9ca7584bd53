import type { Catalog } from '../catalog/catalog.js'

/** Who leads a partition. The epoch rises with every leadership of it. */
export interface PartitionLeader {
  readonly brokerId: number
  readonly epoch: number
}

/** Who is here, and who leads what. */
export interface Cluster {
  readonly catalog: Catalog
  /** Of this broker. */
  readonly brokerId: number
  /** For tools that ask for it; rises whenever the metadata may be somebody else's. */
  readonly controllerEpoch: number
  /** Undefined: there is no such partition, or nobody leads it now. */
  leaderOf(topic: string, partition: number): PartitionLeader | undefined
}
