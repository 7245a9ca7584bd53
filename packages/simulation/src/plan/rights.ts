import type { AclOperation, ResourceType } from '@rivven/protocol'
import type { ActorPlan, Plan } from './plan.js'

/** What a user may do with one resource. */
export interface Right {
  readonly user: string
  readonly operation: AclOperation
  readonly type: ResourceType
  readonly name: string
}

/** Who logs in where a plan has security, each under its own name. The others come by a listener that asks nobody. */
export function usersOf({ actors, security }: Plan): string[] {
  return security === undefined ? [] : actors.filter((actor) => needsOf(actor).length > 0).map(({ name }) => name)
}

/** All rights that users have, and need. */
export function rightsOf({ actors, security }: Plan): Right[] {
  if (security === undefined) return []
  return actors.flatMap((actor) => needsOf(actor).map((need) => ({ user: actor.name, ...need })))
}

function needsOf(actor: ActorPlan): Omit<Right, 'user'>[] {
  switch (actor.kind) {
    case 'member':
      return [on('READ', 'GROUP', actor.group), ...actor.topics.map((topic) => on('READ', 'TOPIC', topic))]
    case 'producer':
      return [on('WRITE', 'TOPIC', actor.topic)]
    case 'copier':
      return [
        on('READ', 'GROUP', actor.group),
        on('READ', 'TOPIC', actor.from),
        on('WRITE', 'TOPIC', actor.to),
        on('WRITE', 'TRANSACTIONAL_ID', actor.transactionalId),
      ]
    case 'overstayer':
      return [on('READ', 'GROUP', actor.group)]
    default:
      return []
  }
}

function on(operation: AclOperation, type: ResourceType, name: string): Omit<Right, 'user'> {
  return { operation, type, name }
}
