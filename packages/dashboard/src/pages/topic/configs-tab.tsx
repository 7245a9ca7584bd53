import { commandText } from '@rivven/doctor'
import { Empty } from '../../loaded/empty.js'
import { Command } from '../../parts/copy.js'
import { type Column, Table } from '../../parts/table.js'
import { visible } from '../../text/visible.js'
import type { TopicTabProps } from './tabs.js'

interface Row {
  readonly name: string
  readonly value: string
}

const columns: readonly Column<Row>[] = [
  { id: 'name', label: 'Config', isHead: true, cell: ({ name }) => <code>{name}</code> },
  { id: 'value', label: 'Value', cell: ({ value }) => <code class="long">{visible(value)}</code> },
]

/** What is set on the topic itself, and how to change it. */
export function ConfigsTab({ topic, page }: TopicTabProps) {
  const rows = Object.entries(page.configs).map(([name, value]) => ({ name, value }))
  if (rows.length === 0)
    return (
      <Empty title="Nothing is set on this topic" command={alterCommand(topic, '--set', 'retention.ms=86400000')}>
        <p>The configuration of the broker counts. What is set for this topic alone is shown here:</p>
      </Empty>
    )
  return (
    <>
      <Table
        caption="Set on this topic"
        columns={columns}
        rows={rows}
        keyOf={({ name }) => name}
        commandOf={({ name }) => alterCommand(topic, '--unset', name)}
      />
      <p class="dim">
        All else is as the broker has it. To change it: <Command command={alterCommand(topic, '--set', 'KEY=VALUE')} />
      </p>
    </>
  )
}

function alterCommand(topic: string, ...flags: string[]): string {
  return commandText('topic alter', [topic], flags)
}
