import { RivvenCall } from '@rivven/protocol'
import type { Asker } from '../../security/audit/audit.js'
import type { Asking } from '../api.js'
import type { FoundRoute } from '../find-route.js'
import type { Reply } from '../problem.js'

/** A call that another broker is to answer, in the name of whoever asked this one. */
export interface Forwarded {
  readonly method: string
  readonly target: string
  /** JSON; null: none came. */
  readonly json: string | null
  readonly as: Omit<Asker, 'access' | 'api'> & {
    readonly principal: string
    readonly host: string
    readonly seesAll: boolean
  }
}

/** How what is no JSON comes back. */
interface ForwardedReply {
  readonly status: number
  readonly body: unknown
  readonly bytes: string | null
}

export const forwardPath = '/api/cluster/calls'

/** What another broker answers; undefined: nothing. */
export async function askAs(broker: number, found: FoundRoute, asking: Asking): Promise<Reply | undefined> {
  const { caller, services, body, seesAll = false, lastsMs = 0 } = asking
  const { listener, clientId, access } = caller
  const [method = ''] = found.route.name.split(' ')
  const as = { listener, clientId, principal: access.principal, host: access.host, seesAll }
  const forwarded: Forwarded = {
    ...{ method, target: found.target, as },
    json: body === undefined ? null : JSON.stringify(body),
  }
  const request = { method: 'POST', path: forwardPath, body: Buffer.from(JSON.stringify({ call: forwarded })) }
  try {
    // Whoever takes long has a connection of its own: calls wait for each other.
    const channel = lastsMs > 0 ? 'long calls' : 'calls'
    const answer = await services.peers.ask(broker, channel, RivvenCall, request, lastsMs)
    return answer.status === 200 && answer.body ? replyIn(JSON.parse(answer.body.toString())) : undefined
  } catch {
    // Peers have told why.
    return undefined
  }
}

function replyIn({ status, body, bytes }: ForwardedReply): Reply {
  return { status, body: bytes === null ? body : Buffer.from(bytes, 'base64') }
}

export function forwardedReply({ status, body }: Reply): ForwardedReply {
  return Buffer.isBuffer(body) ? { status, body: null, bytes: body.toString('base64') } : { status, body, bytes: null }
}
