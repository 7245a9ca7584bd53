import type { ApiAnswers } from '@rivven/broker'
import { Name } from '../../../parts/name.js'
import type { Column } from '../../../parts/table.js'
import { hrefOf } from '../../../route/route.js'
import { count, millis, utc } from '../../../text/format.js'

type Story = ApiAnswers.Timeline['rebalances'][number]

export function storyColumns(group: string, selected: Story | undefined): readonly Column<Story>[] {
  return [
    {
      id: 'at',
      label: 'Began',
      isHead: true,
      cell: (story) => (
        <a
          href={hrefOf(['groups', group, 'timeline'], { at: story.startedAt })}
          aria-current={story === selected ? 'true' : undefined}
        >
          {utc(story.startedAt)}
        </a>
      ),
    },
    { id: 'cause', label: 'Cause', cell: ({ cause }) => cause },
    { id: 'who', label: 'Who', cell: ({ culprit }) => (culprit ? <Name name={whoIs(culprit)} /> : '–') },
    { id: 'generation', label: 'Generation', isNumber: true, cell: ({ generation }) => count(generation) },
    { id: 'took', label: 'Took', isNumber: true, cell: ({ startedAt, endedAt }) => millis(endedAt - startedAt) },
    {
      id: 'members',
      label: 'Members',
      isNumber: true,
      cell: ({ membersBefore, membersAfter }) => `${membersBefore} → ${membersAfter}`,
    },
    { id: 'moved', label: 'Moved', isNumber: true, cell: ({ partitions }) => count(partitions?.moved) },
    { id: 'outcome', label: 'Outcome', cell: ({ outcome }) => outcome },
  ]
}

/** What people call a member. */
export function whoIs({ groupInstanceId, clientId, memberId }: NonNullable<Story['culprit']>): string {
  return groupInstanceId ?? (clientId || memberId)
}
