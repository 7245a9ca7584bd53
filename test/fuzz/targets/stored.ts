import { BATCH_HEADER_SIZE, buildBatch, crc32c } from '@rivven/protocol'
import { Finding, mustEqual, type Target } from '../harness/target.js'
import { inside } from '../inside.js'

type Checkpoints = typeof import('../../../packages/broker/dist/src/storage/files/checkpoint-file.js')
type LogStates = typeof import('../../../packages/broker/dist/src/log/state/log-state.js')
type IndexFiles = typeof import('../../../packages/broker/dist/src/storage/files/segments/index-file.js')
type SegmentIndexes = typeof import('../../../packages/broker/dist/src/storage/files/segments/segment-index.js')
type Entries = typeof import('../../../packages/broker/dist/src/storage/files/journal/read-entries.js')
type JournalFiles = typeof import('../../../packages/broker/dist/src/storage/files/journal/journal-file.js')
type Walks = typeof import('../../../packages/broker/dist/src/storage/files/segments/walk-segment.js')
type Sound = typeof import('../../../packages/broker/dist/src/storage/files/segments/sound-batches.js')

/** Files of logs: a disk may have changed them, or a start found them cut short. */
export async function storedTargets(): Promise<Target[]> {
  return [
    await checkpointTarget(),
    await stateTarget(),
    await indexTarget(),
    await journalTarget(),
    await segmentTarget(),
  ]
}

/** The CRC-32C of all before it, in the last 4 bytes. */
function closed(bytes: Buffer): Buffer {
  if (bytes.length >= 4) bytes.writeUInt32LE(crc32c(bytes.subarray(0, bytes.length - 4)), bytes.length - 4)
  return bytes
}

async function checkpointTarget(): Promise<Target> {
  const { decodeCheckpoint, encodeCheckpoint } = await inside<Checkpoints>(
    'broker/src/storage/files/checkpoint-file.js',
  )
  const folder = 'AAAAAAAAAAAAAAAAAAAAAQ-0'
  const place = { startOffset: 3, offset: 100, segmentBase: 64, position: 4096 }
  return {
    name: 'stored/checkpoint',
    seeds: [Buffer.alloc(0), Buffer.from('state')].map((state) => encodeCheckpoint({ ...place, state }, folder)),
    mend: closed,
    refusals: [],
    run: (input) => {
      const checkpoint = decodeCheckpoint(input, folder)
      if (checkpoint === undefined) return false
      return () => {
        const written = encodeCheckpoint(checkpoint, folder)
        const again = decodeCheckpoint(written, folder)
        if (again === undefined) throw new Finding('what was written cannot be read')
        mustEqual(encodeCheckpoint(again, folder), written, 'written again')
      }
    },
  }
}

async function stateTarget(): Promise<Target> {
  const { decodeLogState, encodeLogState } = await inside<LogStates>('broker/src/log/state/log-state.js')
  const batches = [{ firstSequence: 0, lastSequence: 4, lastOffset: 9, offsetDelta: 4, timestamp: 1_700_000_000_000 }]
  const producer = { epoch: 1, coordinatorEpoch: 0, lastTimestamp: 1, transactionFirstOffset: -1, batches }
  const state = {
    epochs: [
      { epoch: 0, startOffset: 0 },
      { epoch: 1, startOffset: 50 },
    ],
    producers: new Map([
      [1000, producer],
      [1001, { ...producer, batches: [] }],
    ]),
    aborted: [{ producerId: 1000, firstOffset: 3, lastOffset: 7, lastStableOffset: 3 }],
    cleanedOffset: 5,
    marks: [{ offset: 0, from: 1_700_000_000_000, to: 1_700_000_001_000 }],
    markers: { from: 7, to: 8 },
  }
  return {
    name: 'stored/state of a log',
    seeds: [encodeLogState(state), encodeLogState({ ...state, producers: new Map(), aborted: [], marks: [] })],
    refusals: [],
    mayAllocate: (input) => input.length * 16 + 256 * 1024,
    run: (input) => decodeLogState(input) !== undefined,
  }
}

async function indexTarget(): Promise<Target> {
  const { decodeIndex, encodeIndex, INDEX_HEAD_BYTES } = await inside<IndexFiles>(
    'broker/src/storage/files/segments/index-file.js',
  )
  const { SegmentIndex } = await inside<SegmentIndexes>('broker/src/storage/files/segments/segment-index.js')
  const index = new SegmentIndex(100)
  for (let at = 0; at < 10; at++) index.note(100 + at * 7, at * 5000, 1_700_000_000_000 + at)
  const facts = {
    baseOffset: 100,
    nextOffset: 170,
    size: 50_000,
    firstTimestamp: 1,
    maxTimestamp: 2,
    maxTimestampOffset: 169,
    createdAt: 3,
    modifiedAt: 4,
  }
  const seed = encodeIndex({ facts: facts as never, index, entryCount: index.length }, 'orders-0')
  return {
    name: 'stored/index',
    seeds: [seed],
    mend: (input) => {
      if (input.length >= INDEX_HEAD_BYTES) closed(input.subarray(0, INDEX_HEAD_BYTES))
      if (input.length >= INDEX_HEAD_BYTES + 4) closed(input.subarray(INDEX_HEAD_BYTES))
      return input
    },
    refusals: [],
    run: (input) => {
      const read = decodeIndex(input, { baseOffset: 100, folder: 'orders-0' })
      if (read === undefined) return false
      read.index.entryBefore(130)
      read.index.lastBefore(20_000, 140)
      return true
    },
  }
}

const batch = (baseOffset: number) =>
  buildBatch({
    baseOffset,
    partitionLeaderEpoch: 1,
    records: [
      { value: `v${baseOffset}`, timestamp: 1 },
      { value: null, timestamp: 2 },
    ],
  })

async function journalTarget(): Promise<Target> {
  const { readEntries } = await inside<Entries>('broker/src/storage/files/journal/read-entries.js')
  const { entryOf } = await inside<JournalFiles>('broker/src/storage/files/journal/journal-file.js')
  const entries = [
    entryOf('orders-0', [batch(0), batch(2)]),
    entryOf('other-12', [batch(7)]),
    entryOf('orders-0', [batch(4)]),
  ].map((parts) => Buffer.concat(parts))
  return {
    name: 'stored/journal',
    seeds: [...entries, Buffer.concat(entries), Buffer.concat([...entries, Buffer.alloc(600)])],
    // Of the first entry.
    mend: (input) => {
      const end = input.length >= 10 ? 4 + input.readUInt32LE(0) : 0
      if (end >= 8 && end <= input.length) input.writeUInt32LE(crc32c(input.subarray(8, end)), 4)
      return input
    },
    refusals: [],
    run: (input) => {
      const { entries, damages } = readEntries(input)
      for (const { position, endPosition } of damages)
        if (position >= endPosition || endPosition > input.length)
          throw new Finding(`damage from ${position} to ${endPosition}`)
      return entries.length > 0
    },
  }
}

async function segmentTarget(): Promise<Target> {
  const { walkSegment } = await inside<Walks>('broker/src/storage/files/segments/walk-segment.js')
  const { SoundBatches } = await inside<Sound>('broker/src/storage/files/segments/sound-batches.js')
  const whole = Buffer.concat([batch(0), batch(2), batch(4), batch(6)])
  return {
    name: 'stored/segment',
    seeds: [whole, batch(0), Buffer.concat([batch(0), batch(4)])],
    mend: (input) => {
      if (input.length < BATCH_HEADER_SIZE) return input
      const end = Math.min(input.length, 12 + Math.max(0, input.readInt32BE(8)))
      input.writeUInt32BE(crc32c(input.subarray(21, Math.max(21, end))), 17)
      return input
    },
    refusals: [],
    mayAllocate: (input) => input.length * 16 + 2 * 1024 * 1024,
    run: async (input) => {
      const file = {
        read: async (target: Uint8Array, position: number) => input.copy(target, 0, position, position + target.length),
      }
      const rule = new SoundBatches({ from: 0, to: undefined, maxEpoch: 5 })
      let visited = 0
      const visit = () => void visited++
      const end = await walkSegment(file as never, {
        from: 0,
        to: input.length,
        rule,
        visit,
        onBad: async () => 'pass',
      })
      if (end > input.length) throw new Finding(`it walks to ${end} of ${input.length}`)
      return visited > 0
    },
  }
}
