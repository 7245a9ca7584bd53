import type { Address } from '@rivven/runtime'
import type { Incarnation } from './database.js'
import type { PartitionRow } from './metadata.js'

/** Which brokers are here, and who leads what. */
export interface Members {
  /**
   * Begins a new life of a broker: one incarnation above the last one, with a lease of `leaseMs` from now. All that
   * its id led (and nobody was given since) is led by the new incarnation, each in the next epoch, and comes back in the answer.
   *
   * The first one on another timeline: epochs that were given before it may be forgotten, and must not be given again. Those of all
   * partitions rise by `EPOCH_JUMP`, whoever leads them.
   *
   * 'taken': another incarnation has a valid lease, and a session that was not opened here holds the lock of the id. Without `brokerId`, the id that had the
   * same addresses last, unless it is taken, else the lowest one that is gone or was never used: so a call made again finds the id
   * of the first. Made again it gives one more incarnation, and what the first one was given is in the answer.
   */
  register(entry: MemberEntry): Promise<Registration | 'taken'>

  /**
   * Lets the lease end `leaseMs` from now, also one that is over. 'replaced': this incarnation is gone, or there is a later one.
   * Does not change the version. May be made again at any time.
   */
  renew(me: Incarnation, leaseMs: number): Promise<Renewal | 'replaced'>

  /** Notes what an operator wants. `isDone` is false where no such broker is here. Made again it changes the version only. */
  setDraining(brokerId: number, isDraining: boolean): Promise<MemberChange>

  /** This incarnation is gone; what it leads yet has no leader. `isDone` is false where it was gone or replaced before. */
  retire(me: Incarnation): Promise<MemberChange>

  /**
   * The one way in which a leader changes. Each move is made, or not, by itself: it is where the partition still has the epoch that
   * is given, `target` is here with a valid lease, and the partition is led by nobody, by `me`, or by one who is gone, was replaced or
   * whose lease is over. Then the epoch rises by one and `target`, with its incarnation of now, leads. Waits for appends of the
   * partition that are under way; later ones find another epoch. A partition may be named once.
   *
   * Answers the partitions that were moved, as they are now. Made again it moves none of them: what became of the first is in
   * `changesSince`.
   */
  assign(me: Incarnation, moves: readonly Move[]): Promise<Moved>

  /**
   * Marks an incarnation as gone, if its lease is over or its end was seen, and makes the moves as `assign` does, on behalf of nobody,
   * both at once. Where it does not mark (it was gone or replaced before, its lease is valid) the moves are tried all the same: they have
   * conditions of their own.
   */
  bury(dead: Incarnation, sawItsEnd: boolean, moves: readonly Move[]): Promise<Moved & { readonly isBuried: boolean }>
}

/** More often than that no partition changes its leader between a standby's last moment and that of its primary. */
export const EPOCH_JUMP = 10_000

export interface MemberEntry {
  /** Undefined: whichever is free, from 1 on. */
  readonly brokerId: number | undefined
  /** Where it is reached, by the name of the listener. */
  readonly addresses: ReadonlyMap<string, Address>
  readonly rack: string | null
  /** Version of the program. */
  readonly software: string
  /** Whoever comes back after a lost lease says what was wanted of it before. */
  readonly isDraining: boolean
  readonly leaseMs: number
}

export interface Registration {
  readonly me: Incarnation
  readonly version: number
  readonly timeline: string
  /** What it leads from now on. */
  readonly partitions: readonly PartitionRow[]
}

export interface Renewal {
  /** Of the metadata. */
  readonly version: number
  /** Another one than before: the database was failed over or restored, and may have lost its end. */
  readonly timeline: string
  /** Brokers that are not gone and whose lease is over, by id. */
  readonly late: readonly Incarnation[]
}

export interface MemberChange {
  readonly isDone: boolean
  /** Of the metadata, with the change. */
  readonly version: number
}

export interface Move {
  readonly partId: number
  /** That it has now. */
  readonly epoch: number
  /** Id of the broker that shall lead. */
  readonly target: number
}

export interface Moved {
  /** Of the metadata, with the moves. */
  readonly version: number
  readonly partitions: readonly PartitionRow[]
}
