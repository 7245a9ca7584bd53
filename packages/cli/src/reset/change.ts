import type { Row } from '../text/output.js'

/** What a reset does to one partition. */
export interface Change extends Row {
  topic: string
  partition: number
  /** null: nothing was committed. */
  oldOffset: number | null
  /** null: what was committed is forgotten. */
  newOffset: number | null
  /** What is committed with the new offset; null: nothing, or it stays what it is. */
  metadata: string | null
  /** Why it is not what was asked for. */
  note: string | null
}

export function isReal({ oldOffset, newOffset, metadata }: Change): boolean {
  return oldOffset !== newOffset || metadata !== null
}
