// Hot path: poll takes from here.

import type { PartitionState } from '../state/partition-state.js'
import type { ConsumerRecord } from './consumer-record.js'
import type { FetchedChunk } from './fetched-chunk.js'

interface PartitionBuffer {
  readonly state: PartitionState
  /** Of the state when this was fetched: after a jump it is worth nothing. */
  readonly version: number
  readonly chunks: FetchedChunk[]
}

/** What was fetched and not yet taken. Partitions have equal turns, so that a busy one never starves another. */
export class FetchBuffers {
  /** The next one to have its turn stands first. */
  #turns: PartitionBuffer[] = []
  readonly #byState = new Map<PartitionState, PartitionBuffer>()
  /** Of all chunks so far. */
  fetchedBytes = 0

  /** Bytes kept in memory. */
  get bytes(): number {
    let bytes = 0
    for (const { chunks } of this.#turns) for (const chunk of chunks) bytes += chunk.bytes
    return bytes
  }

  /** Bytes of a partition that were not taken yet. */
  pendingBytes(state: PartitionState): number {
    const buffer = this.#current(state)
    let bytes = 0
    if (buffer) for (const chunk of buffer.chunks) bytes += chunk.remaining
    return bytes
  }

  add(state: PartitionState, chunk: FetchedChunk): void {
    const buffer = this.#current(state)
    this.fetchedBytes += chunk.bytes
    if (buffer) {
      buffer.chunks.push(chunk)
      return
    }
    const fresh = { state, version: state.version, chunks: [chunk] }
    this.#byState.set(state, fresh)
    this.#turns.push(fresh)
  }

  /**
   * Takes up to `max` records, an equal share of each partition that has some, and moves the positions behind them.
   * Where the records of a partition cannot be read it throws, but first gives out those of others and before it.
   */
  take(max: number): ConsumerRecord[] {
    const out: ConsumerRecord[] = []
    if (this.#turns.length === 0) return out
    this.#dropStale()
    let readable = 0
    for (const { state } of this.#turns) if (state.isReadable) readable++
    if (readable === 0) return out
    const share = Math.max(1, Math.ceil(max / readable))
    for (let served = 1; served > 0 && out.length < max; ) {
      served = this.#round(share, max, out)
    }
    return out
  }

  /** Gives each partition one turn; returns how many records that brought. */
  #round(share: number, max: number, out: ConsumerRecord[]): number {
    const before = out.length
    for (let turns = this.#turns.length; turns > 0 && out.length < max; turns--) {
      const room = max - out.length
      const buffer = this.#turns.shift()!
      this.#turns.push(buffer)
      if (buffer.state.isReadable && !this.#serve(buffer, Math.min(share, room), out)) break
      if (buffer.chunks.length === 0) this.#forget(this.#turns.pop()!)
      // Cut short: else it would be the last one each time, and have less than all others for ever.
      else if (room < share && out.length === max) this.#turns.unshift(this.#turns.pop()!)
    }
    return out.length - before
  }

  /** Takes from one partition; false when its records cannot be read and others were given out already. */
  #serve({ state, chunks }: PartitionBuffer, share: number, out: ConsumerRecord[]): boolean {
    const before = out.length
    const enough = before + share
    let isGood = true
    while (isGood && chunks.length > 0 && out.length < enough) {
      const chunk = chunks[0]!
      try {
        chunk.take(enough - out.length, out)
      } catch (error) {
        if (out.length === 0) throw error
        isGood = false
      } finally {
        state.position = chunk.position
      }
      if (chunk.isDone) chunks.shift()
    }
    if (out.length > before) state.took(out[out.length - 1]!.offset)
    return isGood
  }

  #dropStale(): void {
    if (this.#turns.every(isCurrent)) return
    for (const buffer of this.#turns) if (!isCurrent(buffer)) this.#forget(buffer)
    this.#turns = this.#turns.filter(isCurrent)
  }

  #current(state: PartitionState): PartitionBuffer | undefined {
    const buffer = this.#byState.get(state)
    return buffer && isCurrent(buffer) ? buffer : undefined
  }

  #forget(buffer: PartitionBuffer): void {
    if (this.#byState.get(buffer.state) === buffer) this.#byState.delete(buffer.state)
  }
}

function isCurrent({ state, version }: PartitionBuffer): boolean {
  return state.isAssigned && state.version === version
}
