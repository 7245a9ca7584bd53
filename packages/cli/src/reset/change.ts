import type { Row } from '../text/output.js'

/** What a reset does to one partition. */
export interface Change extends Row {
  topic: string
  partition: number
  /** null: nothing was committed. */
  oldOffset: number | null
  /** null: what was committed is forgotten. */
  newOffset: number | null
  /** Why it is not what was asked for. */
  note: string | null
}

export function isReal({ oldOffset, newOffset }: Change): boolean {
  return oldOffset !== newOffset
}
