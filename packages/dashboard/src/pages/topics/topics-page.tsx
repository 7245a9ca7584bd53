import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { useLive } from '../../live/use-live.js'
import { topicsView } from '../../live/views.js'
import { Empty } from '../../loaded/empty.js'
import { Shown } from '../../loaded/shown.js'
import { ListTable } from '../../parts/list-table.js'
import { SearchBox } from '../../parts/search-box.js'
import { withQuery } from '../../route/location.js'
import { count } from '../../text/format.js'
import type { PageProps } from '../pages.js'
import { columns } from './topic-columns.js'
import { askedOf, sortedBy } from './topics-query.js'

type Topics = Pick<ApiAnswers.TopicList, 'items' | 'total' | 'next'>

/** All topics, a page of them: filtered and put in order by the broker, and live. */
export function TopicsPage({ query }: PageProps) {
  const loaded = useLive(topicsView, askedOf(query))
  const total = loaded.value.value?.total
  const showInternal = (isShown: boolean): void => withQuery({ internal: isShown ? 'true' : '', cursor: '' })
  return (
    <>
      <div class="page-head">
        <h1>Topics</h1>
        <span class="counts">{total !== undefined && count(total)}</span>
        <search class="filters">
          <SearchBox label="Search in names of topics" words={query.search ?? ''} />
          <label class="check">
            <input
              type="checkbox"
              checked={query.internal === 'true'}
              onChange={({ currentTarget }) => showInternal(currentTarget.checked)}
            />{' '}
            the broker’s own
          </label>
        </search>
      </div>
      <Shown
        loaded={loaded}
        what="topics"
        empty={({ items }: Topics) => (items.length > 0 ? null : <NoTopics words={query.search ?? ''} />)}
      >
        {(list) => (
          <ListTable
            caption="Topics"
            list={list}
            columns={columns}
            query={query}
            sorted={sortedBy(query)}
            keyOf={({ topic }) => topic}
            commandOf={({ topic }) => commandText('topic describe', [topic])}
          />
        )}
      </Shown>
    </>
  )
}

function NoTopics({ words }: { words: string }) {
  if (words === '')
    return (
      <Empty title="There are no topics yet" command="rivvenctl topic create orders --partitions 6">
        <p>One is there as soon as somebody makes it, or writes to it:</p>
      </Empty>
    )
  return (
    <Empty title="No topic has this in its name">
      <p>
        <button type="button" onClick={() => withQuery({ search: '', cursor: '' })}>
          Show all topics
        </button>
      </p>
    </Empty>
  )
}
