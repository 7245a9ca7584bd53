import type { KeySample, Place } from '@rivven/doctor'
import { murmur2 } from '@rivven/protocol'
import type { CommandContext } from '../../context.js'
import { offsetsAt } from '../../offsets-at.js'
import { partitionKey } from '../../partition-key.js'
import { LookBudget } from '../../peek/look-budget.js'
import { RangeReader } from '../../peek/range-reader.js'

/** So many of the newest records are looked at in each partition. */
const sampleSize = 1_000
const mostKeys = 3

/** Keys of the newest records in these partitions; they are named only where somebody asked for that. */
export async function keySamples(
  context: CommandContext,
  places: readonly Place[],
  showKeys: boolean,
): Promise<KeySample[]> {
  if (places.length === 0) return []
  const admin = await context.admin()
  const starts = await offsetsAt(admin, places, 'earliest')
  const ends = await offsetsAt(admin, places, 'latest')
  const ranges = places.map(({ topic, partition }) => {
    const key = partitionKey({ topic, partition })
    const to = ends.get(key) ?? 0
    return { topic, partition, from: Math.max(starts.get(key) ?? 0, to - sampleSize), to }
  })
  const counts = new Map(ranges.map((range) => [partitionKey(range), new KeyCounts(range)]))
  const consumer = await context.consumer({
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
    allowAutoCreate: false,
  })
  await new RangeReader(consumer, new LookBudget(context.runtime.clock)).read(ranges, (record) => {
    counts.get(partitionKey(record))?.add(record.key)
    return false
  })
  return [...counts.values()].map((each) => each.sample(showKeys))
}

/** How often each key came. */
class KeyCounts {
  readonly #place: Place
  readonly #counts = new Map<string, { key: Buffer; count: number }>()
  #records = 0

  constructor(place: Place) {
    this.#place = place
  }

  add(key: Uint8Array | null): void {
    this.#records++
    if (key === null) return
    const name = Buffer.from(key).toString('latin1')
    const known = this.#counts.get(name)
    if (known) known.count++
    else this.#counts.set(name, { key: Buffer.from(key), count: 1 })
  }

  sample(showKeys: boolean): KeySample {
    const { topic, partition } = this.#place
    const first = [...this.#counts.values()].sort((one, other) => other.count - one.count).slice(0, mostKeys)
    const keys = first.map(({ key, count }) => {
      return { hash: hashOf(key), count, ...(showKeys ? { key: key.toString() } : {}) }
    })
    return { topic, partition, records: this.#records, keys }
  }
}

/** By which producers find the partition of a key, in hexadecimal digits. */
function hashOf(key: Uint8Array): string {
  return (murmur2(key) >>> 0).toString(16).padStart(8, '0')
}
