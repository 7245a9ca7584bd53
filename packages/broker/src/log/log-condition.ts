import { descriptorSentence } from '@rivven/runtime'
import type { PartitionStore } from '../storage/storage.js'
import { leadershipLost, storageFailed } from './append/append-results.js'
import type { Scarce } from './logs.js'
import type { AppendResult, PartitionLog } from './partition-log.js'

/** What can be done with a log, and why all else cannot: it opens, fails, is opened again, is drained, lost, closed. */
export class LogCondition {
  /** Undefined: it is being opened. */
  store: PartitionStore | undefined
  private failure: Error | undefined
  /** Opened again the store may work. */
  private mayPass = false
  /** The store has failed and was not opened again. */
  private isBroken = false
  /** Whether the state is that of all batches: not while they are read again, nor when that failed. */
  private isWhole = true
  private hasEnded = false
  private hasOtherLeader = false
  /** Another broker is going to lead it. */
  private isDrained = false

  /** False after an error of the disk, and once drained or closed. */
  get isWritable(): boolean {
    return this.store !== undefined && this.failure === undefined && !this.hasEnded && !this.isDrained
  }

  get isReadable(): boolean {
    return this.store !== undefined && this.isWhole
  }

  /** It was never opened a second time. */
  get isFirstOpening(): boolean {
    return this.isWhole
  }

  get isClosed(): boolean {
    return this.hasEnded
  }

  /** Another broker leads it, or may. */
  get isLost(): boolean {
    return this.hasOtherLeader
  }

  get hasFailed(): boolean {
    return this.failure !== undefined
  }

  get health(): PartitionLog['health'] {
    if (this.store !== undefined && !this.isBroken && !this.hasEnded) return 'sound'
    return this.mayPass && !this.hasEnded ? 'passing' : 'broken'
  }

  /** Takes no appends after an error that may pass: it may be opened again, then, when there is what it lacked, `resumed`. */
  get waitsFor(): Scarce | undefined {
    if (this.failure === undefined || !this.mayPass || this.hasEnded) return undefined
    return descriptorSentence(this.failure) === undefined ? 'room' : 'descriptors'
  }

  /** The answer to what cannot be appended. */
  notTaken(): AppendResult {
    return this.hasOtherLeader || this.isDrained ? leadershipLost() : storageFailed(this.failure)
  }

  failed(error: Error, then: 'reopen' | 'never' | 'lost'): void {
    this.failure = error
    this.mayPass = then === 'reopen'
    this.isBroken = true
    this.hasOtherLeader ||= then === 'lost'
  }

  /** What was stored is read again. Returns the store that it had. */
  reopening(): PartitionStore | undefined {
    const { store } = this
    this.store = undefined
    this.isWhole = false
    return store
  }

  /** All of it was read; appends are refused still. */
  reopened(): void {
    this.isWhole = true
    this.isBroken = false
  }

  resumed(): void {
    this.failure = undefined
    this.mayPass = false
  }

  drained(): void {
    this.isDrained = true
  }

  lost(): void {
    this.hasOtherLeader = true
  }

  closed(): void {
    this.hasEnded = true
  }
}
