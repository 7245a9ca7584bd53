import { ErrorCode } from '@rivven/protocol'
import { placeOfGroup } from '../places.js'
import { problemOf } from '../problem.js'
import { route } from '../route.js'
import { shape, text } from '../shape.js'

export const deleteGroup = route(
  {
    name: 'DELETE /api/groups/:group',
    about: 'Deletes a group that has no members, with all its offsets.',
    rights: { needs: 'DELETE GROUP' },
    answer: shape('DeletedGroup', { groupId: text('The group that is gone.') }),
    at: ({ services, path }) => placeOfGroup(services, path.group ?? ''),
    change: { operation: 'DELETE', type: 'GROUP', of: 'group' },
  },
  async ({ services, caller, path }) => {
    const { group: groupId = '' } = path
    const asker = { apiVersion: 2, clientId: caller.clientId, clientHost: `/${caller.access.host}` }
    const { errorCode } = await services.coordinator.deleteGroup(groupId, asker)
    return errorCode === ErrorCode.NONE ? { groupId } : problemOf(errorCode, `The group ${groupId} was not deleted.`)
  },
)
