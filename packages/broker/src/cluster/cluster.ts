import type { Address } from '@rivven/runtime'
import type { Catalog } from '../catalog/catalog.js'
import type { LogTopic } from '../log/logs.js'
import type { StorageFigures } from '../storage/shared/storage-figures.js'
import type { ClusterCounts } from './cluster-counts.js'
import type { Documents } from './documents.js'
import { type ClusterImage, leaderOf } from './image.js'
import type { Move } from './placement/plan-moves.js'

/** Who is here, who leads what, and all else that brokers have in common. */
export interface Cluster {
  /** Id of this broker. */
  readonly brokerId: number
  /** For tools that ask for it; rises whenever the metadata may be somebody else's. */
  readonly controllerEpoch: number
  /** What this broker knows now. What it changed itself is in it before the change is answered. */
  readonly image: ClusterImage
  /** Calls back after `image` has become another one; several changes may come as one. Returns how to stop. */
  onChange(listener: (now: ClusterImage, before: ClusterImage) => void): () => void
  /**
   * Partitions of which their leader, a broker that is here, gives the leadership away, or is going to (drained, asked for, uneven): one
   * after the other, so that it may take a while. By the image of now, the same on every broker.
   */
  readonly moves: readonly Move[]
  /**
   * False from the moment on when this broker may have been replaced, until it is known again: meanwhile nothing is answered
   * from memory, and no timer of a coordinator acts. Compares with the clock at every look.
   */
  readonly isServing: boolean
  /** Milliseconds since the last sign of life that is known to have arrived was sent; null: nobody waits for any, or it has none. */
  readonly leaseAgeMs: number | null
  readonly counts: ClusterCounts
  /** How storing goes, where brokers share storage; undefined: they do not. */
  readonly storageFigures: StorageFigures | undefined
  readonly catalog: Catalog
  readonly documents: Documents
  /**
   * The first of `count` producer ids that nobody else gets, ever; `above` is the highest one that was met in what is stored,
   * -1 without any: where it can be forgotten which ones were given out, none below is. Rejects while they cannot be had.
   */
  reserveProducerIds(count: number, above: number): Promise<number>
  /**
   * Tells the others where this broker is reached, and opens through `led` what it is given. Resolves when it listens and all
   * that is open, in the order that fits the cluster. From then on `led` is told of everything that comes and goes, until
   * `leave`.
   *
   * @throws JoinError where another live broker has this id, or the cluster cannot be reached
   */
  start(self: OwnBroker): Promise<void>
  /**
   * Who shall lead partitions: whoever leads one gives it away, as soon as its groups are calm, and balance leaves it there, until somebody
   * else is asked for, or nobody (null). Resolves to those by which something was changed, when all brokers are going to see it.
   *
   * @throws UnavailableError or UnknownOutcomeError where what brokers share cannot be reached
   */
  askLeaders(wanted: readonly AskedLeader[]): Promise<ReadonlySet<AskedLeader>>
  /** Shall a broker hand over what it leads, and get nothing? Resolves when that is decided, not when it is done. */
  drain(brokerId: number, isDraining: boolean): Promise<void>
  /** Hands over all that is led here, then is here no longer. Never rejects, and takes shutdown_timeout_ms at most. */
  leave(): Promise<void>
  /** For tests: ends without a word to the others, as with a process that is killed; what was led is closed here. */
  abandon(): Promise<void>
}

/** A broker that somebody wants to lead a partition. */
export interface AskedLeader {
  readonly topic: string
  readonly partition: number
  /** Null: whichever fits. */
  readonly to: number | null
}

/** Whether this broker leads a partition, as far as it knows; it may have to be opened yet. */
export function leads(
  { image, brokerId }: Pick<Cluster, 'image' | 'brokerId'>,
  topic: string,
  partition: number,
): boolean {
  return leaderOf(image, topic, partition)?.leader === brokerId
}

/** What a cluster has to know of the broker that is a part of it. */
export interface OwnBroker {
  readonly led: Led
  /** Clients come in from then on. Resolves to what they are told, by the name of the listener, with the ports as they are. */
  listen(): Promise<ReadonlyMap<string, Address>>
}

/**
 * The partitions that this broker leads. The cluster tells, by partition one thing after the other, and waits for each: when
 * a promise resolves it is so. None rejects for a disk or a coordinator that fails: the partition says so to whoever asks.
 */
export interface Led {
  /** Led here from now on, in this epoch, which no opening had before. Resolves when its log takes requests and what coordinators keep in it is served. */
  open(topic: LogTopic, partitions: readonly number[], leaderEpoch: number): Promise<void>
  /**
   * Another broker shall lead it: while a group of it is joining or syncing it waits, `patienceMs` at most; if that was not enough
   * and it is not urgent, nothing is done ('busy'), and it is open as before. Else requests wait (500 ms at most), coordinators end, everything is stored, `assign` is called once, and the log is closed: who waited is told
   * who leads it by the image of then. What `assign` says is the result; 'still here' must be followed by `open`, with a new
   * epoch, for the log is closed all the same.
   */
  handOver(topic: string, partition: number, handOver: HandOver): Promise<Handed>
  /** It is led elsewhere, or may be: nothing more is written of it, whoever waits gets NOT_LEADER_OR_FOLLOWER. */
  lose(topic: string, partition: number): Promise<void>
}

export type Assigned = 'elsewhere' | 'still here'
export type Handed = Assigned | 'busy'

export interface HandOver {
  /** Requests wait from now on. */
  begun(): void
  assign(): Promise<Assigned>
  readonly patienceMs: number
  /** False: it can be asked for again, when the groups are calm. */
  readonly isUrgent: boolean
  /** Aborted: something more urgent waits behind this. Nobody waits for groups any more, as if `patienceMs` were over. */
  readonly hurry?: AbortSignal | undefined
  /**
   * Aborted: this broker may have been replaced meanwhile. Whatever is waited for is given up, and the partition ends as `lose` would
   * end it; `assign` may be called or not.
   */
  readonly signal: AbortSignal
}
