import { commandText } from '@rivven/doctor'
import { useLive } from '../../live/use-live.js'
import { groupView } from '../../live/views.js'
import { Empty } from '../../loaded/empty.js'
import { Shown } from '../../loaded/shown.js'
import { Name } from '../../parts/name.js'
import { TabBar } from '../../parts/tab-bar.js'
import type { PageProps } from '../pages.js'
import { GroupHead } from './group-head.js'
import { LazyTab } from './lazy-tab.js'
import { tabs } from './tabs.js'

/** One group: its head, and one tab of it. Another group begins anew. */
export function GroupPage({ names, query }: PageProps) {
  const { group = '', tab = tabs[0]?.id ?? '' } = names
  return <OneGroup key={group} group={group} tab={tab} query={query} />
}

interface OneGroupProps {
  readonly group: string
  readonly tab: string
  readonly query: PageProps['query']
}

function OneGroup({ group, tab, query }: OneGroupProps) {
  const loaded = useLive(groupView, { group })
  return (
    <>
      <div class="page-head">
        <h1>
          <Name name={group} />
        </h1>
      </div>
      <TabBar label="Of this group" path={['groups', group]} tabs={tabs} current={tab} />
      <Shown loaded={loaded} what="the group" gone={() => <NoGroup group={group} />}>
        {(page) => (
          <>
            <GroupHead page={page} />
            <LazyTab key={tab} id={tab} group={group} query={query} page={page} />
          </>
        )}
      </Shown>
    </>
  )
}

function NoGroup({ group }: { group: string }) {
  return (
    <Empty title="There is no such group" command={commandText('consume TOPIC --group', [group])}>
      <p>It is shown here as soon as somebody joins it, or commits an offset for it:</p>
    </Empty>
  )
}
