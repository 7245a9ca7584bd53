import { useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { recordTime } from '../../../record/record-time.js'
import { oneLine } from '../../../record/value-lines.js'
import { count } from '../../../text/format.js'
import { shownName } from '../../../text/visible.js'
import type { RecordPlace } from './records-query.js'
import { ValueBlock } from './value-block.js'

type Record = ApiAnswers.RecordRow

const marks = { aborted: 'aborted', control: 'marker' } as const

/** One record: a line, and all of it when that is opened. */
export function RecordCard({ topic, record }: { topic: string; record: Record }) {
  const isOpen = useSignal(false)
  const { partition, offset, timestamp, key, value, mark } = record
  return (
    <details
      class="record"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open
      }}
    >
      <summary>
        <span class="place">
          {partition}/{count(offset)}
        </span>
        <span class="dim">{recordTime(timestamp)}</span>
        {mark !== null && <span class="badge status-warn">▲ {marks[mark]}</span>}
        <bdi class="key">{oneLine(key, 40)}</bdi>
        <bdi class="value">{value === null ? 'tombstone' : oneLine(value)}</bdi>
      </summary>
      {isOpen.value && <Whole place={{ topic, partition, offset }} record={record} />}
    </details>
  )
}

function Whole({ place, record: { key, value, headers } }: { place: RecordPlace; record: Record }) {
  return (
    <div class="record-parts">
      <ValueBlock title="Key" value={key} place={place} part="key" />
      {headers.map((header, at) => (
        // Headers may have one name, and nothing else to tell them apart.
        <ValueBlock key={at} title={`Header ${shownName(header.key)}`} value={header.value} />
      ))}
      <ValueBlock title="Value" value={value} place={place} part="value" />
    </div>
  )
}
