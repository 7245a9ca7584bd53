import type { GroupDescription } from '@rivven/client'

/** What the cluster says of a group when everything is over. */
export interface Inspection {
  readonly group: GroupDescription
  readonly offsets: readonly InspectedOffset[]
}

export interface InspectedOffset {
  readonly topic: string
  readonly partition: number
  readonly committed: number
  readonly end: number
}
