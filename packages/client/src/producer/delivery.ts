import type { Portion, ProducerBatch } from './producer-batch.js'
import type { AppendedRange, RecordMetadata } from './record.js'

/** Where the record at `index` of the batch ended up, when its batch has. */
export function recordAt(batch: ProducerBatch, index: number, timestamp: number): Promise<RecordMetadata> {
  return batch.done.then((result) => {
    if (result.kind === 'split') {
      const part = partAt(result.parts, index)
      return recordAt(part.batch, index - part.from, timestamp)
    }
    const { baseOffset, logAppendTimeMs } = result
    return {
      topic: batch.topic,
      partition: batch.partition,
      offset: baseOffset < 0 ? -1 : baseOffset + index,
      timestamp: logAppendTimeMs < 0 ? timestamp : logAppendTimeMs,
    }
  })
}

/** Counts the record that was just appended to the batch. */
export function addToPortion(portions: Portion[], batch: ProducerBatch): void {
  const last = batch.portion
  if (last !== null && last.owner === portions) {
    last.count++
    return
  }
  const portion = { owner: portions, batch, firstIndex: batch.count - 1, count: 1 }
  batch.portion = portion
  portions.push(portion)
}

/** The ranges of offsets that the records of the portion got: one, or more when their batch was split. */
export async function rangesOf({ batch, firstIndex, count }: Omit<Portion, 'owner'>): Promise<AppendedRange[]> {
  const result = await batch.done
  if (result.kind === 'appended') {
    const offset = result.baseOffset < 0 ? -1 : result.baseOffset + firstIndex
    return [{ topic: batch.topic, partition: batch.partition, offset, count }]
  }
  const ranges: Promise<AppendedRange[]>[] = []
  let from = 0
  for (const part of result.parts) {
    const first = Math.max(firstIndex, from)
    const end = Math.min(firstIndex + count, from + part.count)
    if (first < end) ranges.push(rangesOf({ batch: part, firstIndex: first - from, count: end - first }))
    from += part.count
  }
  return (await Promise.all(ranges)).flat()
}

/** Resolves when the batch, and all that it was split into, has ended, well or not. */
export async function ended(batch: ProducerBatch): Promise<void> {
  const result = await batch.done.catch(() => null)
  if (result?.kind === 'split') await Promise.all(result.parts.map(ended))
}

function partAt(parts: readonly ProducerBatch[], index: number): { batch: ProducerBatch; from: number } {
  let from = 0
  for (const batch of parts) {
    if (index < from + batch.count) return { batch, from }
    from += batch.count
  }
  throw new RangeError(`Record ${index} is in no part of its batch.`)
}
