import { isDeepStrictEqual } from 'node:util'
import type { Incarnation } from '../database.js'
import {
  EPOCH_JUMP,
  type MemberChange,
  type MemberEntry,
  type Members,
  type Move,
  type Moved,
  type Registration,
  type Renewal,
} from '../members.js'
import type { PartitionRow } from '../metadata.js'
import type { MemoryServer } from './memory-server.js'
import type { Statements } from './statements.js'
import type { LeasedBroker } from './tables.js'

/** As one connection makes them: the sessions that it has opened do not stand in the way of its own broker. */
export class MemberStatements implements Statements<Members> {
  readonly #server: MemoryServer
  readonly #isHeldByOthers: (brokerId: number) => boolean

  constructor(server: MemoryServer, isHeldByOthers: (brokerId: number) => boolean) {
    this.#server = server
    this.#isHeldByOthers = isHeldByOthers
  }

  register(entry: MemberEntry): Registration | 'taken' {
    const { tables, now } = this.#server
    const brokerId = entry.brokerId ?? this.#freeId(entry)
    const before = tables.brokers.get(brokerId)
    if (this.#isTaken(before)) return 'taken'
    const { addresses, rack, software, isDraining, leaseMs } = entry
    const me: Incarnation = { brokerId, incarnation: (before?.incarnation ?? 0) + 1 }
    const changed = this.#server.nextVersion()
    const leaseUntil = now + leaseMs
    tables.brokers.set(brokerId, { ...me, addresses, rack, software, isDraining, isGone: false, changed, leaseUntil })
    const partitions = this.#giveBack(me, changed)
    return { me, version: changed, timeline: this.#server.timeline, partitions }
  }

  /** What its id led before; on another timeline the epochs of all others rise as well. */
  #giveBack(me: Incarnation, changed: number): PartitionRow[] {
    const { tables } = this.#server
    const isAnew = tables.registeredOn !== undefined && tables.registeredOn !== tables.timeline
    tables.registeredOn = tables.timeline
    const rise = isAnew ? EPOCH_JUMP : 1
    const given: PartitionRow[] = []
    for (const partition of [...tables.partitions.values()]) {
      if (partition.leader === me.brokerId) given.push(this.#give(partition, me, changed, rise))
      else if (isAnew) this.#replace({ ...partition, epoch: partition.epoch + rise, changed })
    }
    return given
  }

  renew(me: Incarnation, leaseMs: number): Renewal | 'replaced' {
    const { tables, now, timeline } = this.#server
    const row = this.#here(me)
    if (row === undefined) return 'replaced'
    tables.brokers.set(me.brokerId, { ...row, leaseUntil: now + leaseMs })
    const late = [...tables.brokers.values()]
      .filter(({ isGone, leaseUntil }) => !isGone && leaseUntil < now)
      .map(({ brokerId, incarnation }) => ({ brokerId, incarnation }))
      .sort((a, b) => a.brokerId - b.brokerId)
    return { version: tables.version, timeline, late }
  }

  setDraining(brokerId: number, isDraining: boolean): MemberChange {
    const { tables } = this.#server
    const row = tables.brokers.get(brokerId)
    if (row === undefined || row.isGone) return { isDone: false, version: tables.version }
    const version = this.#server.nextVersion()
    tables.brokers.set(brokerId, { ...row, isDraining, changed: version })
    return { isDone: true, version }
  }

  retire(me: Incarnation): MemberChange {
    const row = this.#here(me)
    if (row === undefined) return { isDone: false, version: this.#server.tables.version }
    return { isDone: true, version: this.#markGone(row) }
  }

  assign(me: Incarnation, moves: readonly Move[]): Moved {
    return this.#move(me, moves)
  }

  bury(dead: Incarnation, sawItsEnd: boolean, moves: readonly Move[]): Moved & { isBuried: boolean } {
    const row = this.#here(dead)
    const isBuried = row !== undefined && (sawItsEnd || row.leaseUntil < this.#server.now)
    if (isBuried) this.#markGone(row)
    return { isBuried, ...this.#move(undefined, moves, isBuried ? this.#server.tables.version : undefined) }
  }

  /** The row of an incarnation that is neither gone nor replaced. */
  #here({ brokerId, incarnation }: Incarnation): LeasedBroker | undefined {
    const row = this.#server.tables.brokers.get(brokerId)
    return row?.incarnation === incarnation && !row.isGone ? row : undefined
  }

  #isTaken(row: LeasedBroker | undefined): boolean {
    return row !== undefined && !row.isGone && row.leaseUntil > this.#server.now && this.#isHeldByOthers(row.brokerId)
  }

  #freeId({ addresses }: MemberEntry): number {
    const { brokers } = this.#server.tables
    for (const row of brokers.values())
      if (isDeepStrictEqual(row.addresses, addresses) && !this.#isTaken(row)) return row.brokerId
    let id = 1
    while (brokers.get(id)?.isGone === false) id++
    return id
  }

  #markGone(row: LeasedBroker): number {
    const changed = this.#server.nextVersion()
    this.#server.tables.brokers.set(row.brokerId, { ...row, isGone: true, changed })
    return changed
  }

  /** All in one version: that of the statement, if it has one. */
  #move(me: Incarnation | undefined, moves: readonly Move[], statementVersion?: number): Moved {
    const { tables } = this.#server
    const allowed = moves.flatMap((move) => this.#allowed(me, move) ?? [])
    if (allowed.length === 0) return { version: tables.version, partitions: [] }
    const version = statementVersion ?? this.#server.nextVersion()
    return { version, partitions: allowed.map(({ partition, target }) => this.#give(partition, target, version)) }
  }

  #allowed(me: Incarnation | undefined, { partId, epoch, target: id }: Move) {
    const { tables, now } = this.#server
    const partition = tables.partitions.get(partId)
    const target = tables.brokers.get(id)
    if (partition?.epoch !== epoch || target === undefined || target.isGone || target.leaseUntil <= now)
      return undefined
    const { leader, incarnation } = partition
    const isMine = me !== undefined && leader === me.brokerId && incarnation === me.incarnation
    return isMine || this.#isLeaderless(partition) ? { partition, target } : undefined
  }

  #isLeaderless({ leader, incarnation }: PartitionRow): boolean {
    if (leader === null) return true
    const row = this.#server.tables.brokers.get(leader)
    return row === undefined || row.isGone || row.incarnation !== incarnation || row.leaseUntil < this.#server.now
  }

  #give(partition: PartitionRow, { brokerId, incarnation }: Incarnation, changed: number, rise = 1): PartitionRow {
    return this.#replace({ ...partition, leader: brokerId, incarnation, epoch: partition.epoch + rise, changed })
  }

  #replace(partition: PartitionRow): PartitionRow {
    this.#server.tables.partitions.set(partition.partId, partition)
    return partition
  }
}
