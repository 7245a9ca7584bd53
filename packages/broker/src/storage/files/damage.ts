import type { Notices } from '../notices.js'
import { StoredRangeError } from '../stored-range-error.js'
import type { Damage } from './segments/damage-range.js'
import type { FileSegment } from './segments/file-segment.js'

/** Remembers a damage that was found, and tells of it once. */
export function noteDamage({ notices }: { notices: Notices }, segment: FileSegment, damage: Damage): void {
  if (segment.damages.some(({ position }) => position === damage.position)) return
  segment.damages.push(damage)
  const { path } = segment.handle
  const { position, endPosition, fromOffset, toOffset } = damage
  const what =
    position === endPosition ? `${path} ends too early` : `${path} is damaged from byte ${position} to ${endPosition}`
  notices.tell({
    level: 'error',
    text: `${what}: ${lossOf(damage)} The file stays as it is.`,
    facts: { path, position, endPosition, fromOffset, toOffset },
  })
}

function lossOf({ fromOffset, toOffset }: Damage): string {
  if (fromOffset === toOffset) return 'no offset is missing.'
  const offsets = toOffset === fromOffset + 1 ? `offset ${fromOffset}` : `offsets ${fromOffset} to ${toOffset - 1}`
  return (
    `${offsets} cannot be read, all others can. To get them back, end rivvend, put a copy of the file in its place and ` +
    `start again; to go on without them, read from offset ${toOffset} on.`
  )
}

/** What readers get that ask for an offset in a damaged range. */
export function damageError(segment: FileSegment, { fromOffset, toOffset }: Damage): StoredRangeError {
  return new StoredRangeError(segment.handle.path, fromOffset, toOffset)
}
