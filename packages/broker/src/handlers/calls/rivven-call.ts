import { RivvenCall } from '@rivven/protocol'
import { rivvenApi } from '../../api/all-routes.js'
import { jsonPieces } from '../../api/json-pieces.js'
import { Problem, type Reply } from '../../api/problem.js'
import { Breath } from '../../breath.js'
import { type BrokerServices, handler, type RequestContext } from '../handler.js'

/** Answers what HTTP answers, to clients and brokers that are connected anyhow. */
export const handleRivvenCall = handler(RivvenCall, async ({ method, path, body }, services, caller) => {
  const { status, body: answer } = await replyTo({ method, path, body }, services, caller)
  if (Buffer.isBuffer(answer)) return { status, body: answer }
  const breath = new Breath(services.runtime.clock)
  const pieces: string[] = []
  for (const piece of jsonPieces(answer)) {
    pieces.push(piece)
    if (breath.isDue) await breath.take()
  }
  return { status, body: Buffer.from(pieces.join('')) }
})

interface Called {
  readonly method: string
  readonly path: string
  readonly body: Buffer | null
}

async function replyTo(
  { method, path, body }: Called,
  services: BrokerServices,
  caller: RequestContext,
): Promise<Reply> {
  const found = rivvenApi.find(method, path)
  if (found instanceof Problem) return found.reply
  const denied = rivvenApi.denial(found, caller)
  if (denied) return denied.reply
  try {
    const json: unknown = body === null ? undefined : JSON.parse(body.toString())
    return rivvenApi.reply(found, { services, caller, body: json, door: 'client' })
  } catch {
    return new Problem('INVALID_JSON', 'The body is no JSON.').reply
  }
}
