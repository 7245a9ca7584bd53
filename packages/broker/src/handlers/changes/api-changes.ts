import { eachInTurns } from '../../breath.js'
import type { BrokerServices, Handler, RequestContext } from '../handler.js'
import type { ApiChanges } from './change-list.js'
import { configChanges } from './config-changes.js'
import { groupChanges } from './group-changes.js'
import { securityChanges } from './security-changes.js'
import { topicChanges } from './topic-changes.js'

/**
 * What the audit log tells of each API that changes something (security.md §13). Metadata, which may make topics, tells of
 * them by itself: its answer does not say which it made.
 */
const all: readonly ApiChanges[] = [...topicChanges, ...configChanges, ...groupChanges, ...securityChanges]
const byKey = new Map(all.map((one) => [one.api.key, one]))

/** Does the audit log tell what this API changes? */
export function hasChanges(apiKey: number): boolean {
  return byKey.has(apiKey)
}

/** Calls a handler, and tells the audit log what it has changed. */
export function handled(
  { api, handle }: Handler,
  request: unknown,
  services: BrokerServices,
  context: RequestContext,
): unknown {
  const answer = handle(request, services, context)
  const changes = services.audit.isKept ? byKey.get(api.key) : undefined
  if (changes === undefined) return answer
  const tell = (made: unknown): unknown => {
    const told = eachInTurns(changes.of(request, made), services.runtime.clock, (change) =>
      services.audit.changed(context, change),
    )
    return told instanceof Promise ? told.then(() => made) : made
  }
  return answer instanceof Promise ? answer.then(tell) : tell(answer)
}
