import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { Empty } from '../../../loaded/empty.js'
import { useCall } from '../../../loaded/use-call.js'
import { Table } from '../../../parts/table.js'
import type { TabProps } from '../tabs.js'
import { memberLabel, ownedPartitions } from './owners.js'
import { partitionColumns } from './partition-columns.js'

/** Who owns what, and how far it is behind. */
export function NowTab({ group, page }: TabProps) {
  const { loaded } = useCall<ApiAnswers.GroupLag>(`api/groups/${nameToPath(group)}/lag`, 2000)
  const partitions = ownedPartitions(page, loaded.value.value?.items ?? [])
  if (partitions.length === 0)
    return (
      <Empty title="This group has no partitions" command="rivvenctl produce TOPIC">
        <p>Nobody owns any, and no offsets are committed. Is there anything to read?</p>
      </Empty>
    )
  const labels = new Map(page.members.map((member) => [member.memberId, memberLabel(member)]))
  return (
    <Table
      caption="Partitions"
      columns={partitionColumns(labels)}
      rows={partitions}
      keyOf={({ key }) => key}
      commandOf={() => commandText('group lag', [group], ['-o', 'wide'])}
    />
  )
}
