/** How long things take in a cluster; all in ms. */
export interface ClusterTimes {
  /** So long after its last sign of life a broker may be replaced. Default 3000. */
  readonly leaseMs: number
  /** How often it gives one; a quarter of the lease at most. Default 500. */
  readonly renewMs: number
  /** How long the set of brokers must have been the same before partitions are moved for the sake of balance. Default 10000. */
  readonly moveDelayMs: number
  /** How long a start waits for the database. Default 60000. */
  readonly connectMs: number
  /** How long `leave` takes at most. Default 10000. */
  readonly leaveMs: number
}

export const usualTimes: ClusterTimes = {
  leaseMs: 3_000,
  renewMs: 500,
  moveDelayMs: 10_000,
  connectMs: 60_000,
  leaveMs: 10_000,
}

/** Longest wait for a call of the database, but for `renew`, which has a third of the lease. */
export const CALL_MS = 5_000
/** Between two tries of a call that failed. */
export const RETRY_MS = 100
