import { useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { useMemo } from 'preact/hooks'
import { Empty } from '../../../loaded/empty.js'
import { useCall } from '../../../loaded/use-call.js'
import { Table } from '../../../parts/table.js'
import { count } from '../../../text/format.js'
import { mapOf } from '../map/map-model.js'
import { PartitionMap } from '../map/partition-map.js'
import type { TabProps } from '../tabs.js'
import { memberLabel, type OwnedPartition, ownedPartitions } from './owners.js'
import { partitionColumns } from './partition-columns.js'
import { tileLines } from './tile-lines.js'

/** Who owns what, and how far it is behind: as a map, and as a table. */
export function NowTab({ group, page }: TabProps) {
  const { loaded } = useCall<ApiAnswers.GroupLag>(`api/groups/${nameToPath(group)}/lag`, 2000)
  const lags = loaded.value.value?.items
  const partitions = useMemo(() => ownedPartitions(page, lags ?? []), [page, lags])
  const model = useMemo(() => mapOf(page, partitions), [page, partitions])
  const labels = new Map(page.members.map((member) => [member.memberId, memberLabel(member)]))
  if (partitions.length === 0) return <NoPartitions />
  const describe = (key: string): readonly string[] => {
    const partition = partitions.find((one) => one.key === key)
    return partition ? tileLines(partition, labels) : []
  }
  const label = `${count(partitions.length)} partitions of ${count(page.members.length)} members. The table below says the same.`
  return (
    <>
      <PartitionMap model={model} label={label} describe={describe} />
      <Partitions group={group} partitions={partitions} labels={labels} />
    </>
  )
}

/** So many rows are shown at first: a browser takes long for thousands of them. */
const usualRows = 200

interface PartitionsProps {
  readonly group: string
  readonly partitions: readonly OwnedPartition[]
  readonly labels: ReadonlyMap<string, string>
}

function Partitions({ group, partitions, labels }: PartitionsProps) {
  const isWhole = useSignal(false)
  const rows = isWhole.value ? partitions : partitions.slice(0, usualRows)
  const showAll = (): void => {
    isWhole.value = true
  }
  return (
    <>
      <Table
        caption="Partitions"
        columns={partitionColumns(labels)}
        rows={rows}
        keyOf={({ key }) => key}
        commandOf={() => commandText('group lag', [group], ['-o', 'wide'])}
      />
      {rows.length < partitions.length && (
        <p class="paging">
          <button type="button" onClick={showAll}>
            Show all {count(partitions.length)}
          </button>
        </p>
      )}
    </>
  )
}

function NoPartitions() {
  return (
    <Empty title="This group has no partitions" command="rivvenctl produce TOPIC">
      <p>Nobody owns any, and no offsets are committed. Is there anything to read?</p>
    </Empty>
  )
}
