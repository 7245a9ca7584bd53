import { DecodeError } from '@rivven/protocol'
import { Reader, Writer } from '../bytes.js'
import type { OffsetChange, Snapshot, SnapshotMode } from './snapshot.js'

/** Of a partition: which of its two offsets there are. */
const hasOld = 1
const hasNew = 2

/** The value of a snapshot's record: its own version, then its fields, those of a topic together. */
export function writeSnapshot(snapshot: Snapshot): Buffer {
  const { time, by, from, tool, reason, mode, generation, undoes, undoneBy, changes } = snapshot
  const writer = new Writer(64 + changes.length * 22).int16(0).int64(time).string(by).string(from).string(tool)
  writer
    .string(reason)
    .string(mode)
    .int32(generation)
    .int32(undoes ?? -1)
    .int32(undoneBy ?? -1)
  writer.array([...byTopic(changes)], ([topic, ofTopic]) => {
    writer.string(topic).array(ofTopic, ({ partition, oldOffset, newOffset }) => {
      writer.int32(partition).int16((oldOffset === null ? 0 : hasOld) | (newOffset === null ? 0 : hasNew))
      if (oldOffset !== null) writer.int64(oldOffset)
      if (newOffset !== null) writer.int64(newOffset)
    })
  })
  return writer.done()
}

/** @throws DecodeError for what is none, or of a later version */
export function readSnapshot(id: number, value: Buffer): Snapshot {
  const reader = new Reader(value)
  const version = reader.int16()
  if (version !== 0) throw new DecodeError(`a snapshot of offsets of version ${version}`)
  return {
    id,
    time: reader.int64(),
    by: reader.string(),
    from: reader.string(),
    tool: reader.string(),
    reason: reader.string(),
    mode: reader.string() as SnapshotMode,
    generation: reader.int32(),
    undoes: idOrNull(reader.int32()),
    undoneBy: idOrNull(reader.int32()),
    changes: reader.array(reader.int32(), () => readTopic(reader)).flat(),
  }
}

function readTopic(reader: Reader): OffsetChange[] {
  const topic = reader.string()
  return reader.array(reader.int32(), () => {
    const partition = reader.int32()
    const has = reader.int16()
    const oldOffset = has & hasOld ? reader.int64() : null
    return { topic, partition, oldOffset, newOffset: has & hasNew ? reader.int64() : null }
  })
}

function byTopic(changes: readonly OffsetChange[]): Map<string, OffsetChange[]> {
  const topics = new Map<string, OffsetChange[]>()
  for (const change of changes) {
    const ofTopic = topics.get(change.topic)
    if (ofTopic) ofTopic.push(change)
    else topics.set(change.topic, [change])
  }
  return topics
}

function idOrNull(id: number): number | null {
  return id < 0 ? null : id
}
