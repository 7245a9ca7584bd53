import type { AbortedTransaction } from './aborted-transactions.js'
import type { EpochEntry } from './epoch-history.js'
import type { BatchDescriptor, ProducerState } from './producer-states.js'

/** What a log remembers beyond its batches: stored with each checkpoint, so that a start need not read the whole log. */
export interface LogState {
  epochs: readonly EpochEntry[]
  producers: ReadonlyMap<number, ProducerState>
  aborted: readonly AbortedTransaction[]
  /** Compaction has cleaned everything before this offset. */
  cleanedOffset: number
}

const VERSION = 1

/** All fields are numbers that a float64 holds exactly, so the whole state is one row of them. */
export function encodeLogState(state: LogState): Buffer {
  const row: number[] = [VERSION, state.cleanedOffset, state.epochs.length]
  for (const { epoch, startOffset } of state.epochs) row.push(epoch, startOffset)
  row.push(state.aborted.length)
  for (const entry of state.aborted) {
    row.push(entry.producerId, entry.firstOffset, entry.lastOffset, entry.lastStableOffset)
  }
  row.push(state.producers.size)
  for (const [id, producer] of byOpenTransaction(state.producers)) pushProducer(row, id, producer)
  return Buffer.from(Float64Array.from(row).buffer)
}

/** Undefined if the bytes are no state of a version known here: the log is read again instead. */
export function decodeLogState(bytes: Buffer): LogState | undefined {
  const row = new RowReader(bytes)
  if (row.next() !== VERSION) return undefined
  const cleanedOffset = row.next()
  const epochs = row.list(2, () => ({ epoch: row.next(), startOffset: row.next() }))
  const aborted = row.list(4, () => {
    const producerId = row.next()
    const firstOffset = row.next()
    return { producerId, firstOffset, lastOffset: row.next(), lastStableOffset: row.next() }
  })
  const producers = new Map(row.list(6, () => readProducer(row)))
  return row.isWhole ? { epochs, producers, aborted, cleanedOffset } : undefined
}

/** Open transactions by first offset, as ProducerStates wants them back. */
function byOpenTransaction(producers: ReadonlyMap<number, ProducerState>): [number, ProducerState][] {
  return [...producers].sort(([, a], [, b]) => a.transactionFirstOffset - b.transactionFirstOffset)
}

function pushProducer(row: number[], id: number, producer: ProducerState): void {
  row.push(id, producer.epoch, producer.coordinatorEpoch, producer.lastTimestamp, producer.transactionFirstOffset)
  row.push(producer.batches.length)
  for (const batch of producer.batches) {
    row.push(batch.firstSequence, batch.lastSequence, batch.lastOffset, batch.offsetDelta, batch.timestamp)
  }
}

function readProducer(row: RowReader): [number, ProducerState] {
  const id = row.next()
  const epoch = row.next()
  const coordinatorEpoch = row.next()
  const lastTimestamp = row.next()
  const transactionFirstOffset = row.next()
  const batches = row.list(5, () => readDescriptor(row))
  return [id, { epoch, coordinatorEpoch, lastTimestamp, transactionFirstOffset, batches }]
}

function readDescriptor(row: RowReader): BatchDescriptor {
  const firstSequence = row.next()
  const lastSequence = row.next()
  const lastOffset = row.next()
  return { firstSequence, lastSequence, lastOffset, offsetDelta: row.next(), timestamp: row.next() }
}

class RowReader {
  /** False: it said that more would come. */
  isWhole = true
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  next(): number {
    const at = this.at
    this.at += 8
    if (this.at <= this.bytes.length) return this.bytes.readDoubleLE(at)
    this.isWhole = false
    return Number.NaN
  }

  /** Items of at least `least` numbers: so many as do not fit are none. */
  list<T>(least: number, read: () => T): T[] {
    const count = this.next()
    const items: T[] = []
    if (count * least * 8 <= this.bytes.length - this.at) for (let index = 0; index < count; index++) items.push(read())
    else this.isWhole = false
    return items
  }
}
