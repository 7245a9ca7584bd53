import type { Group } from '@rivven/groups'
import { learnEnds } from '../../lag/committed-elsewhere.js'
import { placeOfGroup } from '../places.js'
import { Problem } from '../problem.js'
import { type Route, route, type Visitor } from '../route.js'
import { type GroupPage, groupPage } from './group-shapes.js'
import { pageOfGroup } from './told-group.js'

/** What is common to all that a group's coordinator tells of it. */
export const ofGroup = {
  rights: { needs: 'DESCRIBE GROUP', asks: ['DESCRIBE TOPIC'], anonymous: 'all' },
  at: ({ services, path }: Visitor) => placeOfGroup(services, path.group ?? ''),
} as const satisfies Pick<Route, 'rights' | 'at'>

export const describeGroup = route(
  {
    name: 'GET /api/groups/:group',
    about: 'One group: its members with what they own, and its offsets. Topics that one may not describe are left out.',
    ...ofGroup,
    answer: groupPage,
    live: { view: 'group', everyMs: 1000, rows: rowsOf, underway: ({ reset }) => reset },
  },
  async (visitor) => {
    await learnEnds(visitor.services)
    return lookAt(visitor, (group) => pageOfGroup(group, visitor))
  },
)

/** What it says is durable. */
export function lookAt<Seen>(
  { services, path }: Visitor,
  see: (group: Group) => Seen,
): Seen | Problem | Promise<Seen | Problem> {
  const { group: groupId = '' } = path
  return services.coordinator.look<Seen | Problem>(
    groupId,
    (group) => (group ? see(group) : new Problem('GROUP_NOT_FOUND', `There is no group ${groupId}.`)),
    () => new Problem('LOADING', `The group ${groupId} is being loaded.`),
  )
}

/** The group itself, each member, each offset. */
function* rowsOf({ members, offsets, ...group }: GroupPage): Iterable<[string, unknown]> {
  yield ['group', group]
  for (const member of members) yield [`member ${member.memberId}`, member]
  for (const offset of offsets) yield [`offset ${offset.topic}/${offset.partition}`, offset]
}
