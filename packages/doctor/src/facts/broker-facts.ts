/** What a broker of Rivven knows of itself. Times are milliseconds since 1970. */
export interface BrokerFacts {
  readonly loop?: LoopFact
  readonly disk?: DiskFact
  readonly commitLoad?: CommitLoadFact
  /** Listeners that other machines reach, and where whoever comes may do everything. */
  readonly openListeners?: readonly OpenListenerFact[]
}

const rivven = 'Rivven'
export const toldByBroker: Record<keyof BrokerFacts, string> = {
  ...{ loop: rivven, disk: rivven, commitLoad: rivven, openListeners: rivven },
}

/** How long the broker's own event loop kept requests waiting, of the last five minutes. */
export interface LoopFact {
  readonly p99Ms: number
  /** The times in which it stood still for a second and more, newest last. */
  readonly stalls: readonly { readonly from: number; readonly to: number; readonly ms: number }[]
}

export interface DiskFact {
  /** Partitions that take no records since an error of the disk. */
  readonly unwritable: number
  /** Null: not known, or not on a disk. */
  readonly freeBytes: number | null
  readonly totalBytes: number | null
  /** Of commits of groups, until they are on stable storage; the last minutes. Null: there were none. */
  readonly commitP99Ms: number | null
}

export interface CommitLoadFact {
  /** The least in any ten seconds of the last five minutes; null: it has not run for so long. */
  readonly leastPerSecond: number | null
  /** Who commits most, over the last minute. */
  readonly top: readonly { readonly group: string; readonly perSecond: number }[]
}

export interface OpenListenerFact {
  readonly listener: string
  readonly address: string
}
