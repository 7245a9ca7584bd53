import { accessOf } from '../../security/access.js'
import { needed, value } from '../parameters.js'
import { Problem, type Reply } from '../problem.js'
import { route, type Visitor } from '../route.js'
import { nullable, number, other, shape, text } from '../shape.js'
import { type Forwarded, forwardedReply, forwardPath } from './forwarding.js'

const answer = shape('ForwardedReply', {
  status: number('Of HTTP.'),
  body: nullable(other('any JSON', 'What was answered; null where that is no JSON.')),
  bytes: nullable(text('What is no JSON, as base64.')),
})

/** Another broker asks in the name of its own caller, whose rights are looked at here, too. */
export const takeCall = route(
  {
    name: `POST ${forwardPath}`,
    about: 'A call that this broker is to answer.',
    rights: { needs: 'CLUSTER_ACTION CLUSTER' },
    body: { call: needed(value(isForwarded, 'Method, target, body, and who asks.')) },
    answer,
    isInternal: true,
  },
  async (visitor) => forwardedReply(await replyTo(visitor, visitor.body.call as Forwarded)),
)

async function replyTo({ services, api }: Visitor, { method, target, json, as }: Forwarded): Promise<Reply> {
  const found = api.find(method, target)
  if (found instanceof Problem) return found.reply
  if (found.route.isInternal) return new Problem('NOT_FOUND', `There is nothing at ${target}.`).reply
  const { principal, host, listener, clientId, seesAll } = as
  const access = seesAll ? accessOf(null, principal, host) : services.security.accessOf(principal, host)
  const caller = { access, listener, clientId, api: found.route.name, audit: services.audit }
  const denied = api.denial(found, caller)
  if (denied) return denied.reply
  return api.reply(found, { services, caller, body: json === null ? undefined : JSON.parse(json), door: 'broker' })
}

function isForwarded(given: unknown): given is Forwarded {
  const { method, target, json, as } = Object(given) as Partial<Forwarded>
  const { principal, host, listener, clientId, seesAll } = Object(as) as Partial<Forwarded['as']>
  const texts = [method, target, principal, host, listener, clientId]
  return texts.every((one) => typeof one === 'string') && typeof seesAll === 'boolean' && isJson(json)
}

function isJson(text: unknown): boolean {
  if (text === null) return true
  if (typeof text !== 'string') return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
