import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { Empty } from '../../loaded/empty.js'
import { Shown } from '../../loaded/shown.js'
import { useCall } from '../../loaded/use-call.js'
import { NameLink } from '../../parts/name.js'
import { Paging } from '../../parts/paging.js'
import { type Column, Table } from '../../parts/table.js'
import { withQuery } from '../../route/location.js'
import { searchOf } from '../../route/route.js'
import { count } from '../../text/format.js'
import type { TopicTabProps } from './tabs.js'

const columns: readonly Column<ApiAnswers.TopicReader>[] = [
  {
    id: 'group',
    label: 'Group',
    sort: 'group',
    isHead: true,
    cell: ({ groupId }) => <NameLink of="groups" name={groupId} />,
  },
  { id: 'state', label: 'State', cell: ({ state }) => state },
  { id: 'members', label: 'Members', isNumber: true, cell: ({ memberCount }) => count(memberCount) },
  { id: 'lag', label: 'Lag in this topic', sort: 'lag', isNumber: true, cell: ({ lag }) => count(lag) },
]

/** Groups that read the topic, those that are most behind first. */
export function ReadersTab({ topic, query }: TopicTabProps) {
  const { sort = 'lag', order = 'desc', cursor } = query
  const asked = searchOf({ sort, order, limit: 100, cursor: cursor || undefined })
  const { loaded } = useCall<ApiAnswers.ReaderList>(`api/topics/${nameToPath(topic)}/groups${asked}`, 3000)
  return (
    <Shown
      loaded={loaded}
      what="groups that read it"
      empty={({ items }) => (items.length > 0 ? null : <Nobody topic={topic} />)}
    >
      {({ items, total, next }) => (
        <>
          <Table
            caption="Groups that read it"
            columns={columns}
            rows={items}
            keyOf={({ groupId }) => groupId}
            sorting={{
              ...{ key: sort, order: order === 'asc' ? 'asc' : 'desc' },
              sortBy: (key, by) => withQuery({ sort: key, order: by, cursor: '' }),
            }}
            commandOf={({ groupId }) => commandText('group lag', [groupId])}
          />
          <Paging
            shown={items.length}
            total={total}
            next={next}
            isFirst={(cursor ?? '') === ''}
            toFirst={() => withQuery({ cursor: '' })}
            toNext={(to) => withQuery({ cursor: to })}
          />
        </>
      )}
    </Shown>
  )
}

function Nobody({ topic }: { topic: string }) {
  return (
    <Empty title="Nobody reads this topic" command={commandText('consume', [topic], ['--group', 'my-first-group'])}>
      <p>A group is shown here as soon as it subscribes to it, or commits an offset in it:</p>
    </Empty>
  )
}
