import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { useLive } from '../../live/use-live.js'
import { groupsView } from '../../live/views.js'
import { Empty } from '../../loaded/empty.js'
import { Shown } from '../../loaded/shown.js'
import { ListTable } from '../../parts/list-table.js'
import { withQuery } from '../../route/location.js'
import { count } from '../../text/format.js'
import type { PageProps } from '../pages.js'
import { Filters } from './filters.js'
import { columns } from './group-columns.js'
import { askedOf, isFiltered, sortedBy } from './groups-query.js'

type Groups = Pick<ApiAnswers.GroupList, 'items' | 'total' | 'next'>

/** All groups, a page of them: filtered, put in order and cut into pages by the broker, and live. */
export function GroupsPage({ query }: PageProps) {
  const loaded = useLive(groupsView, askedOf(query))
  const total = loaded.value.value?.total
  return (
    <>
      <div class="page-head">
        <h1>Groups</h1>
        <span class="counts">{total !== undefined && count(total)}</span>
        <Filters query={query} />
      </div>
      <Shown
        loaded={loaded}
        what="groups"
        empty={({ items }: Groups) => (items.length > 0 ? null : <NoGroups isFiltered={isFiltered(query)} />)}
      >
        {(list) => (
          <ListTable
            caption="Groups"
            list={list}
            columns={columns}
            query={query}
            sorted={sortedBy(query)}
            keyOf={({ groupId }) => groupId}
            commandOf={({ groupId }) => commandText('group lag', [groupId], ['-o', 'wide'])}
          />
        )}
      </Shown>
    </>
  )
}

function NoGroups({ isFiltered }: { isFiltered: boolean }) {
  if (!isFiltered)
    return (
      <Empty title="There are no groups yet" command="rivvenctl consume TOPIC --group my-first-group">
        <p>A group is there as soon as somebody joins it, or commits an offset for it:</p>
      </Empty>
    )
  const showAll = (): void => withQuery({ search: '', state: '', status: '', topic: '', cursor: '' })
  return (
    <Empty title="No group is like that">
      <p>
        <button type="button" onClick={showAll}>
          Show all groups
        </button>
      </p>
    </Empty>
  )
}
