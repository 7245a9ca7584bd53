import type { Call } from './call.js'
import { describeCluster } from './describe-cluster.js'
import { drainBroker } from './drain-broker.js'
import { takeNudges } from './take-nudges.js'

export const allCalls: readonly Call[] = [describeCluster, drainBroker, takeNudges]

export interface FoundCall {
  readonly call: Call
  readonly parameters: Readonly<Record<string, string>>
}

/** The call of this method and path; undefined: there is none. */
export function findCall(method: string, path: string): FoundCall | undefined {
  for (const call of allCalls) {
    const parameters = parametersIn(`${method} ${path}`, call.name)
    if (parameters) return { call, parameters }
  }
  return undefined
}

function parametersIn(asked: string, name: string): Record<string, string> | undefined {
  const [parts, wanted] = [asked.split('/'), name.split('/')]
  if (parts.length !== wanted.length) return undefined
  const parameters: Record<string, string> = Object.create(null)
  for (const [at, want] of wanted.entries()) {
    const part = parts[at] ?? ''
    if (want.startsWith(':')) parameters[want.slice(1)] = part
    else if (want !== part) return undefined
  }
  return parameters
}
