import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { useLive } from '../../live/use-live.js'
import { topicView } from '../../live/views.js'
import { Empty } from '../../loaded/empty.js'
import { Shown } from '../../loaded/shown.js'
import { Figure, Figures } from '../../parts/figure.js'
import { Name } from '../../parts/name.js'
import { TabBar } from '../../parts/tab-bar.js'
import { bytes, count, duration } from '../../text/format.js'
import type { PageProps } from '../pages.js'
import { retentionText } from '../topics/topics-query.js'
import { tabs } from './tabs.js'

/** One topic: its head, and one tab of it. Another topic begins anew. */
export function TopicPage({ names, query }: PageProps) {
  const { topic = '', tab = tabs[0]?.id ?? '' } = names
  return <OneTopic key={topic} topic={topic} tab={tab} query={query} />
}

interface OneTopicProps {
  readonly topic: string
  readonly tab: string
  readonly query: PageProps['query']
}

function OneTopic({ topic, tab, query }: OneTopicProps) {
  const loaded = useLive(topicView, { topic })
  const { Tab = NoTab } = tabs.find(({ id }) => id === tab) ?? {}
  return (
    <>
      <div class="page-head">
        <h1>
          <Name name={topic} />
        </h1>
      </div>
      <TabBar label="Of this topic" path={['topics', topic]} tabs={tabs} current={tab} />
      <Shown loaded={loaded} what="the topic" gone={() => <NoTopic topic={topic} />}>
        {(page) => (
          <>
            <TopicHead page={page} />
            <Tab topic={topic} query={query} page={page} />
          </>
        )}
      </Shown>
    </>
  )
}

function TopicHead({ page }: { page: ApiAnswers.TopicPage }) {
  const describe = commandText('topic describe', [page.topic])
  const { partitions, partitionCount, cleanupPolicy } = page
  return (
    <Figures>
      <Figure label="Partitions" value={count(partitionCount)} command={describe} />
      <Figure
        label="Records"
        value={count(totalOf(partitions, recordsIn))}
        command={describe}
        note="offsets that are kept"
      />
      <Figure label="Size" value={bytes(totalOf(partitions, ({ size }) => size))} />
      <Figure label="Kept" value={retentionText(page, duration)} command={describe} note={cleanupPolicy} />
    </Figures>
  )
}

type Partition = ApiAnswers.TopicPartition

export function recordsIn({ logStartOffset, logEndOffset }: Partition): number | null {
  return logStartOffset === null || logEndOffset === null ? null : logEndOffset - logStartOffset
}

/** Of what is known; null: nothing is. */
function totalOf(partitions: readonly Partition[], of: (partition: Partition) => number | null): number | null {
  const known = partitions.map(of).filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

function NoTab() {
  return <Empty title="There is no such tab" />
}

function NoTopic({ topic }: { topic: string }) {
  return (
    <Empty title="There is no such topic" command={commandText('topic create', [topic])}>
      <p>It is shown here as soon as somebody makes it:</p>
    </Empty>
  )
}
