import type { ResetOutcome, ResetRefusal } from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import { placeOfGroup } from '../places.js'
import { Problem, problemOf } from '../problem.js'
import type { ProblemCode } from '../problems.js'
import { route } from '../route.js'
import { resetBody } from './reset-body.js'
import { groupReset } from './reset-shapes.js'
import { wantedOffsets } from './wanted-offsets.js'

export const resetGroup = route(
  {
    name: 'POST /api/groups/:group/resets',
    about:
      'Moves offsets of a group: all of them or none, and whoever read before can commit no more. The answer comes when that is stored; members may take up to `handoverMs` to hand over (docs/live-reset.md).',
    rights: { needs: 'READ GROUP', asks: ['READ TOPIC'] },
    body: resetBody,
    answer: groupReset,
    at: ({ services, path }) => placeOfGroup(services, path.group ?? ''),
    lastsMs: ({ body }) => (body.live ? body.handoverMs : 0),
    change: { operation: 'ALTER', type: 'GROUP', of: 'group', detail: briefly },
  },
  async ({ services, caller, path, body }) => {
    const { group: groupId = '' } = path
    const found = await wantedOffsets({ services, caller, groupId, body })
    if (found instanceof Problem) return found
    const { wanted, limits, undoes } = found
    const request = {
      ...{ groupId, wanted, undoes, handoverMs: body.handoverMs, reason: body.reason },
      ...{ isLive: body.live, isPlan: body.dryRun, isForced: body.force, mayCreate: body.create },
      ifUnchanged: body.ifUnchanged === '' ? null : body.ifUnchanged,
      limitsOf: (topic: string, partition: number) => limits.of(topic, partition),
    }
    const { clientId, access } = caller
    const asker = { apiVersion: 0, clientId, clientHost: `/${access.host}`, access }
    const outcome = await limits.follow(Promise.resolve(services.coordinator.resetOffsets(request, asker)))
    return answerOf(groupId, outcome)
  },
)

/** For the audit: thousands of offsets are counted. */
function briefly(body: unknown): string {
  const { offsets, ...rest } = Object(body) as { offsets?: unknown }
  return JSON.stringify({ ...rest, ...(Array.isArray(offsets) && { offsets: offsets.length }) })
}

function answerOf(groupId: string, outcome: ResetOutcome) {
  if (outcome.kind === 'refused') return refusalOf(groupId, outcome)
  if (outcome.kind === 'failed') return failureOf(groupId, outcome.errorCode)
  const { kind, ...reset } = outcome
  return { groupId, isPlan: kind === 'planned', ...reset }
}

/** Errors of a reset that has not come to its turning point. */
const beforeItBegan: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
])

/** Who leads the group now knows nothing of a reset that had not come to its turning point; of one that was being stored nobody does. */
function failureOf(groupId: string, errorCode: number): Problem {
  if (!beforeItBegan.has(errorCode))
    return new Problem('RESET_UNDECIDED', `The reset of ${groupId} may have been stored, or not.`)
  return problemOf(errorCode, `The offsets of ${groupId} were not changed.`)
}

const refusals: Readonly<Record<ResetRefusal, { readonly code: ProblemCode; readonly why: string }>> = {
  'no such group': { code: 'GROUP_NOT_FOUND', why: 'there is no such group' },
  'has members': { code: 'GROUP_NOT_EMPTY', why: 'it has members' },
  'reset in progress': { code: 'RESET_IN_PROGRESS', why: 'another reset is waiting for its members' },
  'no consumers': { code: 'NOT_CONSUMERS', why: 'its members are no consumers' },
  'anonymous commits': {
    code: 'ANONYMOUS_COMMITS',
    why: 'it had commits of transactions within the hour that name neither generation nor member',
  },
  'offsets changed': { code: 'OFFSETS_CHANGED', why: 'its offsets have moved since, or it has members' },
  'too many': { code: 'TOO_MANY_OFFSETS', why: 'they are more than can be stored at once' },
  'no room': { code: 'REFUSED', why: 'there are as many committed offsets as max.committed.offsets allows' },
}

function refusalOf(groupId: string, { why, members }: Extract<ResetOutcome, { kind: 'refused' }>): Problem {
  const { code, why: text } = refusals[why]
  const facts = why === 'has members' ? { members } : {}
  return new Problem(code, `The offsets of ${groupId} were not changed: ${text}.`, facts)
}
