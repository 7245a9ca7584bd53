import type { BrokerServices } from '../handlers/handler.js'
import type { Caller } from '../handlers/rights/denial.js'
import { askAs } from './cluster/forwarding.js'
import { type FoundRoute, findRoute } from './find-route.js'
import { readBody, readParameters, readQuery } from './parameters.js'
import { Problem, type Reply } from './problem.js'
import { denialOf } from './rights.js'
import type { Route, Visitor } from './route.js'

/** How a call came in. Another broker asks for what this one knows, and for nothing of others. */
export type Door = 'http' | 'client' | 'broker'

export interface Asking {
  readonly services: BrokerServices
  readonly caller: Caller
  /** JSON; undefined: none came. */
  readonly body: unknown
  readonly door: Door
  /** HTTP shows this to whoever asks: nobody looks at rights. */
  readonly seesAll?: boolean
  /** So long another broker may take for it, beyond what one usually takes. Default: 0. */
  readonly lastsMs?: number
}

/** All that is answered by method and path, whatever door it comes by: HTTP, or RivvenCall on a connection of Kafka's protocol. */
export class Api {
  readonly routes: readonly Route[]

  constructor(routes: readonly Route[]) {
    this.routes = routes
  }

  /** `target`: path and query. */
  find(method: string, target: string): FoundRoute | Problem {
    return findRoute(this.routes, method, target)
  }

  /** To be asked before a body is read; undefined: the caller may. */
  denial({ route, path }: FoundRoute, caller: Caller): Problem | undefined {
    return denialOf(route.rights, path, caller)
  }

  /** The answer to whoever may have it. */
  async reply(found: FoundRoute, asking: Asking): Promise<Reply> {
    const { route } = found
    const visitor = this.#visitorOf(found, asking)
    if (visitor instanceof Problem) return visitor.reply
    const place = route.at?.(visitor) ?? (route.merge ? 'everywhere' : 'here')
    if (place === 'nobody') return new Problem('COORDINATOR_NOT_AVAILABLE', 'Who answers this is not known now.').reply
    if (typeof place === 'object')
      return this.#elsewhere(place.broker, found, { ...asking, lastsMs: route.lastsMs?.(visitor) ?? 0 })
    const answer = await route.answerTo(visitor)
    const reply =
      answer instanceof Problem
        ? answer.reply
        : { status: 200, body: place === 'everywhere' ? await whole(answer, found, { visitor, asking }) : answer }
    if (route.change) noteChange(found, visitor, reply)
    return reply
  }

  #visitorOf({ route, path, query: text }: FoundRoute, { services, caller, body: json }: Asking): Visitor | Problem {
    const asked = readQuery(text)
    const query = asked instanceof Problem ? asked : readParameters(route.query, asked)
    if (query instanceof Problem) return query
    const given = readBody(json)
    const body = given instanceof Problem ? given : readParameters(route.body, given)
    return body instanceof Problem ? body : { services, caller, path, query, body, api: this }
  }

  /** HTTP asks the other broker itself; clients of Kafka's protocol are told whom to ask, as they are by all coordinators. */
  async #elsewhere(broker: number, found: FoundRoute, asking: Asking): Promise<Reply> {
    const { services, caller, door } = asking
    if (door === 'http') return (await askAs(broker, found, asking)) ?? notAnswered(broker).reply
    const address = services.cluster.image.brokers.get(broker)?.addresses.get(caller.listener)
    return new Problem('ELSEWHERE', `Broker ${broker} answers this.`, { broker: { id: broker, ...address } }).reply
  }
}

function notAnswered(broker: number): Problem {
  return new Problem('BROKER_NOT_AVAILABLE', `Broker ${broker} would answer this, and does not.`)
}

/** With what other brokers know, where each knows a part. */
async function whole(
  own: unknown,
  found: FoundRoute,
  { visitor, asking }: { visitor: Visitor; asking: Asking },
): Promise<unknown> {
  const { merge } = found.route
  const { brokerId, image } = visitor.services.cluster
  if (!merge || asking.door === 'broker' || image.brokers.size < 2) return own
  const others = [...image.brokers.keys()].filter((id) => id !== brokerId)
  const replies = await Promise.all(others.map((id) => askAs(id, found, asking)))
  const missing = others.filter((_, at) => replies[at]?.status !== 200)
  const parts = replies.flatMap((reply) => (reply?.status === 200 ? [reply.body] : []))
  return merge([own, ...parts], visitor, missing)
}

/** Whoever changes something is told of, whether it was done or not. */
function noteChange(
  { route, path }: FoundRoute,
  { services, caller, body }: Visitor,
  { status, body: answer }: Reply,
): void {
  const { operation, type, of, detail } = route.change!
  const name = path[of] ?? ''
  const { code } = Object(answer) as { code?: string }
  const error = status < 300 ? 'NONE' : (code ?? 'UNKNOWN')
  const asked = detail?.(body)
  services.audit.changed(caller, { operation, type, name, error, detail: asked })
  const { principal, host } = caller.access
  services.log.warn({ principal, host, asked, error }, `${route.name} was asked for: ${name}`)
}
