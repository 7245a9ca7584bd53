import { crc32c } from '@rivven/protocol'
import type { OffsetChange } from './snapshot.js'

/** A short text that is another one when one of these offsets has moved, as far as chance allows. */
export function fingerprintOf(changes: readonly OffsetChange[]): string {
  const lines = changes.map(({ topic, partition, oldOffset }) => `${topic}/${partition}=${oldOffset ?? 'none'}`)
  const sum = crc32c(Buffer.from(lines.sort().join('\n')))
  return `${changes.length}-${sum.toString(16).padStart(8, '0')}`
}
