import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { Shown } from '../../loaded/shown.js'
import { useCall } from '../../loaded/use-call.js'
import { Name, PartitionLink } from '../../parts/name.js'
import { type Column, Table } from '../../parts/table.js'
import { hrefOf } from '../../route/route.js'
import { count } from '../../text/format.js'

type Partition = ApiAnswers.TopicPartition

/** What of a topic an open transaction keeps from readers of committed data, and which groups read the topic. */
export function HeldBack({ topic, written }: { topic: string; written: readonly number[] }) {
  const path = `api/topics/${nameToPath(topic)}`
  const { loaded } = useCall<ApiAnswers.TopicPage>(path, 3000)
  const { loaded: readers } = useCall<ApiAnswers.ReaderList>(`${path}/groups?sort=lag&order=desc&limit=20`, 5000)
  return (
    <Shown loaded={loaded} what="what it holds back">
      {({ partitions }) => (
        <section class="panel">
          <Table
            caption={`What it holds back in ${topic}`}
            isCaptionHidden
            columns={columnsOf(topic)}
            rows={partitions.filter(({ partition }) => written.includes(partition))}
            keyOf={({ partition }) => String(partition)}
            commandOf={({ partition }) =>
              commandText('transaction describe', [], ['--topic', topic, '--partition', String(partition)])
            }
          />
          <Readers page={readers.value.value} />
        </section>
      )}
    </Shown>
  )
}

function columnsOf(topic: string): readonly Column<Partition>[] {
  return [
    {
      id: 'partition',
      label: 'Written to',
      isHead: true,
      cell: ({ partition }) => <PartitionLink topic={topic} partition={partition} />,
    },
    { id: 'stable', label: 'Committed up to', isNumber: true, cell: ({ lastStableOffset }) => count(lastStableOffset) },
    { id: 'end', label: 'End', isNumber: true, cell: ({ logEndOffset }) => count(logEndOffset) },
    {
      id: 'held',
      label: 'Held back',
      isNumber: true,
      cell: ({ lastStableOffset, logEndOffset }) =>
        count(lastStableOffset === null || logEndOffset === null ? null : logEndOffset - lastStableOffset),
    },
  ]
}

function Readers({ page }: { page: ApiAnswers.ReaderList | undefined }) {
  if (!page) return null
  if (page.items.length === 0) return <p class="dim">No group reads this topic.</p>
  return (
    <p>
      Read by{' '}
      {page.items.map(({ groupId }) => (
        <span key={groupId} class="reader">
          <a href={hrefOf(['groups', groupId, 'lag'])}>
            <Name name={groupId} />
          </a>{' '}
        </span>
      ))}
      {page.total > page.items.length && `and ${count(page.total - page.items.length)} more`}
    </p>
  )
}
