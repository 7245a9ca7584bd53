import { useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { useEffect } from 'preact/hooks'
import { Empty } from '../../../loaded/empty.js'
import { Shown } from '../../../loaded/shown.js'
import { useCall } from '../../../loaded/use-call.js'
import { Table } from '../../../parts/table.js'
import { withQuery } from '../../../route/location.js'
import { clockTime } from '../../../text/format.js'
import { memberLabel } from '../now/owners.js'
import type { TabProps } from '../tabs.js'
import { LagChart, type Line } from './lag-chart.js'
import { sumColumns } from './lag-columns.js'
import { type LagSample, withSample } from './lag-samples.js'
import { type By, lagSums } from './lag-sums.js'

const kinds: readonly By[] = ['partition', 'member', 'topic']

const records: readonly Line[] = [{ label: 'records behind', colour: '--accent', value: ({ lag }) => lag }]
const seconds: readonly Line[] = [{ label: 'seconds behind', colour: '--stop', value: (sample) => sample.seconds }]
const rates: readonly Line[] = [
  { label: 'produced/s', colour: '--warn', dash: [6, 4], value: ({ produced }) => produced },
  { label: 'consumed/s', colour: '--ok', value: ({ consumed }) => consumed },
]

/** How far a group is behind: how that goes on, and where. */
export function LagTab({ group, query, page }: TabProps) {
  const { loaded } = useCall<ApiAnswers.GroupLag>(`api/groups/${nameToPath(group)}/lag`, 2000)
  const samples = useSignal<readonly LagSample[]>([])
  const { value, at } = loaded.value
  useEffect(() => {
    if (value) samples.value = withSample(samples.peek(), value.items, at)
  }, [value])
  const labels = new Map(page.members.map((member) => [member.memberId, memberLabel(member)]))
  return (
    <Shown loaded={loaded} what="lag" empty={({ items }) => (items.length > 0 ? null : <NoLag group={group} />)}>
      {({ items }) => (
        <>
          <Charts samples={samples.value} />
          <Sums
            group={group}
            rows={items}
            by={kinds.find((kind) => kind === query.by) ?? 'partition'}
            labels={labels}
          />
        </>
      )}
    </Shown>
  )
}

function Charts({ samples }: { samples: readonly LagSample[] }) {
  const [first] = samples
  return (
    <>
      <p class="dim">{first ? `Since ${clockTime(first.at)}, when this page was opened.` : ''}</p>
      <div class="charts">
        <LagChart title="Records behind" lines={records} samples={samples} />
        <LagChart title="Seconds behind" lines={seconds} samples={samples} />
        <LagChart title="Produced and consumed" lines={rates} samples={samples} />
      </div>
    </>
  )
}

interface SumsProps {
  readonly group: string
  readonly rows: readonly ApiAnswers.LagRow[]
  readonly by: By
  readonly labels: ReadonlyMap<string, string>
}

function Sums({ group, rows, by, labels }: SumsProps) {
  return (
    <>
      <p>
        <label>
          Added up by{' '}
          <select value={by} onChange={({ currentTarget }) => withQuery({ by: currentTarget.value })}>
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {kind}
              </option>
            ))}
          </select>
        </label>
      </p>
      <Table
        caption={`Lag by ${by}`}
        columns={sumColumns(by, labels)}
        rows={lagSums(rows, by).slice(0, 200)}
        keyOf={({ name }) => name ?? ' nobody'}
        commandOf={() => commandText('group lag', [group], ['-o', 'wide'])}
      />
    </>
  )
}

function NoLag({ group }: { group: string }) {
  return (
    <Empty title="There is nothing to be behind in" command={commandText('consume TOPIC --group', [group])}>
      <p>The group has committed nothing, and owns no partitions:</p>
    </Empty>
  )
}
