import { ErrorCode, errorOf } from '@rivven/protocol'
import { text } from '../../config/setting.js'
import { texts } from '../parameters.js'
import { placeOfGroup } from '../places.js'
import { Problem, problemOf } from '../problem.js'
import { route } from '../route.js'
import { list, nullable, one, shape, text as textField } from '../shape.js'

const named = shape('NamedMember', {
  memberId: textField('As it was named; empty where it was named by its instance.'),
  groupInstanceId: nullable(textField('As it was named.')),
  error: textField('`NONE`, or why it was not removed.'),
})

/** What LeaveGroup does, for members that do not do it themselves. */
export const removeMembers = route(
  {
    name: 'POST /api/groups/:group/members/remove',
    about: 'Takes members out of a group: what they own goes to others. One that is alive joins again.',
    rights: { needs: 'READ GROUP' },
    body: {
      memberIds: texts('Members, by their ids.'),
      instanceIds: texts('Static members, by their instance ids.'),
      reason: text('', 'Why, for the timeline of the group.'),
    },
    answer: shape('RemovedMembers', { members: list(one(named, 'What became of each.')) }),
    at: ({ services, path }) => placeOfGroup(services, path.group ?? ''),
    change: { operation: 'ALTER', type: 'GROUP', of: 'group', detail: (body) => JSON.stringify(body) },
  },
  async ({ services, caller, path, body }) => {
    const { group: groupId = '' } = path
    const reason = body.reason === '' ? `removed by ${caller.access.principal}` : body.reason
    const members = [
      ...body.memberIds.map((memberId) => ({ memberId, groupInstanceId: null, reason })),
      ...body.instanceIds.map((groupInstanceId) => ({ memberId: '', groupInstanceId, reason })),
    ]
    if (members.length === 0) return new Problem('INVALID_PARAMETER', 'Name members in memberIds or instanceIds.')
    const asker = { apiVersion: 5, clientId: caller.clientId, clientHost: `/${caller.access.host}` }
    const left = await services.coordinator.leaveGroup({ groupId, memberId: '', members }, asker)
    if (left.errorCode !== ErrorCode.NONE) return problemOf(left.errorCode, `No member of ${groupId} was removed.`)
    if (left.members.every(({ errorCode }) => errorCode === ErrorCode.UNKNOWN_MEMBER_ID))
      return new Problem('MEMBER_NOT_FOUND', `The group ${groupId} has no such members.`)
    return {
      members: left.members.map(({ memberId, groupInstanceId, errorCode }) => ({
        ...{ memberId, groupInstanceId, error: errorOf(errorCode).name },
      })),
    }
  },
)
