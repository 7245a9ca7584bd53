/** Bytes of a segment that cannot be read, and the offsets that were in them (none: the bytes are too many). */
export interface Damage {
  readonly position: number
  readonly endPosition: number
  readonly fromOffset: number
  readonly toOffset: number
}
