import { UnavailableError } from '../database-error.js'
import type { Session } from '../session.js'
import type { MemoryServer } from './memory-server.js'
import type { Wire } from './wire.js'

/** One session, at both of its ends: a broken wire may let them end at different times. */
export class MemorySession implements Session {
  readonly #server: MemoryServer
  readonly #wire: Wire
  readonly #noticeListeners = new Set<(version: number) => void>()
  readonly #endListeners = new Set<() => void>()
  #hasEnded = false
  #stopWatching: (() => void) | undefined

  /** Where it was opened: the database has it from now on. */
  constructor(server: MemoryServer, wire: Wire) {
    this.#server = server
    this.#wire = wire
    server.sessions.add(this)
  }

  async hold(brokerId: number): Promise<void> {
    const granted = new Promise<void>((resolve, reject) => {
      this.onEnd(() => reject(new UnavailableError('The session has ended.')))
      const arrive = () => this.#server.locks.hold(brokerId, this, () => this.#wire.tell(resolve))
      this.#wire.carry('hold', () => this.#atServer(arrive)).catch(reject)
    })
    await granted
  }

  watch(brokerId: number | undefined): Promise<'ended' | 'free' | 'stopped'> {
    this.#stopWatching?.()
    return new Promise((resolve, reject) => {
      const stop = () => resolve('stopped')
      this.#stopWatching = stop
      this.onEnd(stop)
      this.#wire.carry('watch', () => this.#atServer(() => this.#watchThere(brokerId, resolve))).catch(reject)
    })
  }

  onNotice(listener: (version: number) => void): void {
    this.#noticeListeners.add(listener)
  }

  onEnd(listener: () => void): void {
    if (this.#hasEnded) listener()
    else this.#endListeners.add(listener)
  }

  async close(): Promise<void> {
    this.break()
  }

  /** The database tells of a change. */
  notify(version: number): void {
    this.#wire.tell(() => {
      if (!this.#hasEnded) for (const listener of this.#noticeListeners) listener(version)
    })
  }

  /** At both ends at once. */
  break(): void {
    this.endThere()
    this.endHere()
  }

  /** The database has noticed that nobody is at the other end: the lock is free. */
  endThere(): void {
    if (this.#server.sessions.delete(this)) this.#server.locks.release(this)
  }

  /** The broker has noticed that the database does not answer. */
  endHere(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    for (const listener of this.#endListeners) listener()
    this.#endListeners.clear()
  }

  #watchThere(brokerId: number | undefined, resolve: (how: 'ended' | 'free') => void): void {
    const { locks } = this.#server
    locks.stopWatching(this)
    if (brokerId === undefined) return
    locks.watch(brokerId, this, (hasWaited) => this.#wire.tell(() => resolve(hasWaited ? 'ended' : 'free')))
  }

  #atServer(arrive: () => void): void {
    if (!this.#server.sessions.has(this)) throw new UnavailableError('The session has ended.')
    arrive()
  }
}
