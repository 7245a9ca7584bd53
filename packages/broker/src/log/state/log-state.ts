import type { AbortedTransaction } from './aborted-transactions.js'
import type { ClockMark } from './append-clock.js'
import type { EpochEntry } from './epoch-history.js'
import type { BatchDescriptor, MarkerRun, ProducerState } from './producer-states.js'

/** What a log remembers beyond its batches: stored with each checkpoint, so that a start need not read the whole log. */
export interface LogState {
  epochs: readonly EpochEntry[]
  producers: ReadonlyMap<number, ProducerState>
  aborted: readonly AbortedTransaction[]
  /** Compaction has cleaned everything before this offset. */
  cleanedOffset: number
  /** When batches came. */
  marks: readonly ClockMark[]
  /** Undefined: a state of an earlier version. */
  markers: MarkerRun | undefined
}

/** Version 1 knew nothing of when batches came, nor of control batches. */
const VERSION = 2
const earlierVersion = 1

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
  row.push(state.marks.length)
  for (const { offset, from, to } of state.marks) row.push(offset, from, to)
  const { from, to } = state.markers ?? { from: 0, to: 0 }
  row.push(from, to)
  return Buffer.from(Float64Array.from(row).buffer)
}

/** Undefined if the bytes are no state of a version known here: the log is read again instead. */
export function decodeLogState(bytes: Buffer): LogState | undefined {
  const row = new RowReader(bytes)
  const version = row.next()
  if (version !== VERSION && version !== earlierVersion) return undefined
  const cleanedOffset = row.next()
  const epochs = row.list(2, () => ({ epoch: row.next(), startOffset: row.next() }))
  const aborted = row.list(4, () => {
    const producerId = row.next()
    const firstOffset = row.next()
    return { producerId, firstOffset, lastOffset: row.next(), lastStableOffset: row.next() }
  })
  const producers = new Map(row.list(6, () => readProducer(row)))
  const state = { epochs, producers, aborted, cleanedOffset, ...(version === VERSION ? readTimes(row) : noTimes) }
  return row.isWhole ? state : undefined
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

const noTimes = { marks: [], markers: undefined }

function readTimes(row: RowReader): Pick<LogState, 'marks' | 'markers'> {
  const marks = row.list(3, () => ({ offset: row.next(), from: row.next(), to: row.next() }))
  return { marks, markers: { from: row.next(), to: row.next() } }
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
