import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { meta } from '../../../api/call.js'
import { Empty } from '../../../loaded/empty.js'
import { Shown } from '../../../loaded/shown.js'
import { useCall } from '../../../loaded/use-call.js'
import { Command } from '../../../parts/copy.js'
import { withQuery } from '../../../route/location.js'
import type { Query } from '../../../route/route.js'
import { count } from '../../../text/format.js'
import type { TopicTabProps } from '../tabs.js'
import { RecordCard } from './record-card.js'
import { RecordsForm } from './records-form.js'
import { askedOf, peekCommand, recordsPath, stoppedText } from './records-query.js'

/** What records hold, as text and nothing else. */
export function RecordsTab({ topic, query, page }: TopicTabProps) {
  const asked = askedOf(query, query.from)
  if (meta.value && !meta.value.records)
    return (
      <Empty title="This broker shows no contents of records" command={peekCommand(topic, query)}>
        <p>
          <code>http_records</code> is <code>off</code>. Who may read the topic looks at them in a terminal:
        </p>
      </Empty>
    )
  return (
    <>
      <RecordsForm query={query} partitionCount={page.partitionCount} />
      <p>
        <Command command={peekCommand(topic, query)} />
      </p>
      {typeof asked === 'string' ? <Empty title={asked} /> : <Records topic={topic} asked={asked} from={query.from} />}
    </>
  )
}

interface RecordsProps {
  readonly topic: string
  readonly asked: Query
  readonly from: string | undefined
}

function Records({ topic, asked, from }: RecordsProps) {
  const { loaded, again } = useCall<ApiAnswers.RecordPage>(recordsPath(topic, asked))
  return (
    <Shown loaded={loaded} what="records">
      {(page) => (
        <>
          <div class="page-head">
            <h2>{page.records.length === 1 ? '1 record' : `${count(page.records.length)} records`}</h2>
            <span class="counts">{stoppedText(page)}</span>
            <button type="button" onClick={again}>
              Look again
            </button>
          </div>
          {page.records.length === 0 && <NoRecords topic={topic} isSearch={asked.search !== undefined} />}
          {page.records.map((record) => (
            <RecordCard key={`${record.partition}/${record.offset}`} topic={topic} record={record} />
          ))}
          <More next={page.next} from={from} />
        </>
      )}
    </Shown>
  )
}

function More({ next, from }: { next: string | null; from: string | undefined }) {
  if (next === null && !from) return null
  return (
    <nav class="paging" aria-label="More records">
      <button type="button" disabled={!from} onClick={() => withQuery({ from: '' })}>
        First page
      </button>
      <button type="button" disabled={next === null} onClick={() => withQuery({ from: next ?? '' })}>
        Go on from there
      </button>
    </nav>
  )
}

function NoRecords({ topic, isSearch }: { topic: string; isSearch: boolean }) {
  if (isSearch) return <Empty title="None of the records that were looked at holds this" />
  return (
    <Empty title="There are no records" command={commandText('produce', [topic])}>
      <p>Each line that is typed is one:</p>
    </Empty>
  )
}
