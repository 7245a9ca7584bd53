import type { JoinGroupRequest } from '@rivven/protocol'
import type { Parked } from '../group.js'
import type { JoinTerms } from './members.js'

/** A JoinGroup on its way, with what the steps below need of it. */
export interface Joining {
  readonly request: JoinGroupRequest
  readonly parked: Parked
  readonly terms: JoinTerms
  readonly clientId: string
  readonly clientHost: string
}
