import type { Diagnosis } from '@rivven/doctor'

/** What was found, and where. */
export interface Examined extends Diagnosis {
  /** How many groups were looked at. */
  readonly groups: number
  /** What people are to know of how it was looked at. Default: nothing. */
  readonly words?: readonly string[]
}
