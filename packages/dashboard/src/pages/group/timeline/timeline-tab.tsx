import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { useEffect } from 'preact/hooks'
import { useKeys } from '../../../keys/use-keys.js'
import { Empty } from '../../../loaded/empty.js'
import { Shown } from '../../../loaded/shown.js'
import { useCall } from '../../../loaded/use-call.js'
import { Table } from '../../../parts/table.js'
import { withQuery } from '../../../route/location.js'
import { moment } from '../../../world/moment.js'
import type { TabProps } from '../tabs.js'
import { lanesOf } from './lanes.js'
import { storyColumns } from './story-columns.js'
import { StoryPanel } from './story-panel.js'
import { TimelinePicture } from './timeline-picture.js'

/** Rebalances of a group: who was there, what caused them, how long they took, what changed hands. */
export function TimelineTab(props: TabProps) {
  const { group, page } = props
  const path = `api/groups/${nameToPath(group)}/timeline?limit=50`
  const { loaded, again } = useCall<ApiAnswers.Timeline>(path, 10_000)
  // The group itself is live: a rebalance begins or ends.
  useEffect(again, [page.generation, page.state])
  return (
    <Shown
      loaded={loaded}
      what="the timeline"
      empty={({ rebalances }) => (rebalances.length > 0 ? null : <NoStories group={group} />)}
    >
      {(timeline) => <Stories {...props} timeline={timeline} />}
    </Shown>
  )
}

function Stories({ group, query, page, timeline }: TabProps & { timeline: ApiAnswers.Timeline }) {
  const { rebalances, handOvers } = timeline
  const at = rebalances.findIndex(({ startedAt }) => String(startedAt) === query.at)
  const place = at < 0 ? rebalances.length - 1 : at
  const selected = rebalances[place]
  const step = (by: 1 | -1): void => {
    const next = rebalances[place + by]
    if (next) withQuery({ at: next.startedAt })
  }
  useKeys({ '[': () => step(-1), ']': () => step(1) })
  const lanes = lanesOf(rebalances, page.members, moment.value)
  const command = commandText('group timeline', [group])
  return (
    <>
      <TimelinePicture group={group} stories={rebalances} lanes={lanes} now={moment.value} selected={selected} />
      {selected && (
        <StoryPanel
          story={selected}
          handOver={handOvers.find(({ generation }) => generation === selected.generation)}
          command={commandText('group explain', [group])}
        />
      )}
      <Table
        caption="Rebalances"
        columns={storyColumns(group, selected)}
        rows={[...rebalances].reverse()}
        keyOf={({ startedAt, generation }) => `${startedAt} ${generation}`}
        commandOf={() => command}
      />
    </>
  )
}

function NoStories({ group }: { group: string }) {
  return (
    <Empty title="No rebalance is remembered" command={commandText('consume TOPIC --group', [group])}>
      <p>There is one as soon as a member joins:</p>
    </Empty>
  )
}
