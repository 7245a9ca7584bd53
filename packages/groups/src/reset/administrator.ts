import type { RequestContext } from '../decision.js'

/** Who changes something of a group without being its member, as far as the request says. */
export interface Administrator {
  /** As the authorizer calls it; empty: not known. */
  readonly by: string
  /** Its address, and its client id. */
  readonly from: string
  readonly tool: string
}

export function administratorOf({ clientId, clientHost, access }: RequestContext): Administrator {
  return { by: access?.principal ?? '', from: clientHost, tool: clientId }
}
