import type { Snapshot } from '@rivven/groups'
import { ofGroup } from '../groups/one-group.js'
import { isOpenTo } from '../groups/told-group.js'
import { Problem } from '../problem.js'
import { route } from '../route.js'
import type { Told } from '../shape.js'
import { groupSnapshots } from './reset-shapes.js'

export const listSnapshots = route(
  {
    name: 'GET /api/groups/:group/snapshots',
    about:
      'What the offsets of a group were before somebody changed them who is no member of it, with whatever tool: the last ten changes of the last seven days, also of a group that was deleted (docs/live-reset.md). Of a group that is unknown there are none.',
    ...ofGroup,
    answer: groupSnapshots,
  },
  async ({ services, caller, path }) => {
    const { group = '' } = path
    const found = await services.coordinator.snapshotsOf(
      group,
      () => new Problem('LOADING', `${group} is being loaded.`),
    )
    if (found instanceof Problem) return found
    const isOpen = isOpenTo(caller)
    return { items: found.toReversed().map((snapshot) => shownTo(isOpen, snapshot)) }
  },
)

type Shown = Told<typeof groupSnapshots>['items'][number]

function shownTo(isOpen: (topic: string) => boolean, { changes, ...snapshot }: Snapshot): Shown {
  return { ...snapshot, changes: changes.filter(({ topic }) => isOpen(topic)) }
}
