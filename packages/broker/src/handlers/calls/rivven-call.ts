import { ErrorCode, RivvenCall } from '@rivven/protocol'
import { handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { findCall } from './all-calls.js'
import { type Reply, refused } from './call.js'

/** Answers what HTTP answers, to clients and brokers that are connected anyhow. */
export const handleRivvenCall = handler(RivvenCall, async ({ method, path, body }, services, caller) => {
  const found = findCall(method, path)
  if (!found) return encoded(refused(404, `There is no ${method} ${path} here.`))
  const { call, parameters } = found
  if (clusterDenial(caller, call.needs) !== ErrorCode.NONE)
    return encoded(refused(403, `This needs ${call.needs} on the cluster.`, 'AUTHORIZATION_FAILED'))
  let given: unknown
  try {
    given = body === null ? undefined : JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return encoded(refused(400, 'The body is no JSON.'))
  }
  return encoded(await call.answer({ services, caller, parameters, body: given }))
})

function encoded({ status, body }: Reply) {
  return { status, body: Buffer.from(JSON.stringify(body)) }
}
