import type { Admin, GroupDescription } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { lagColumns, lagOfGroup } from '../group-offsets.js'
import { type Column, renderRows, renderValue, table } from '../output.js'

const columns: Column[] = [
  ...lagColumns,
  { field: 'memberId', title: 'CONSUMER-ID' },
  { field: 'host', title: 'HOST' },
  { field: 'clientId', title: 'CLIENT-ID' },
]

export async function describeGroup(context: CommandContext, groupId: string): Promise<void> {
  const admin = await context.admin()
  const group = await requireGroup(admin, groupId)
  const rows = await partitionRows(admin, group)
  if (context.output === 'csv' || context.output === 'ndjson') {
    context.terminal.out(renderRows(context.output, columns, rows))
    return
  }
  const coordinator = `broker-${group.coordinator.id} (${group.coordinator.host}:${group.coordinator.port})`
  if (context.output === 'json' || context.output === 'yaml') {
    const { state, protocolType, protocol, members } = group
    context.terminal.out(
      renderValue(context.output, {
        groupId,
        coordinator,
        state,
        protocolType,
        protocol,
        members: members.map(memberFacts),
        partitions: rows,
      }),
    )
    return
  }
  const idle = group.members.filter((member) => member.assignment.length === 0)
  context.terminal.out(
    [
      `Group: ${groupId}\nCoordinator: ${coordinator}\nState: ${group.state}\nMembers: ${group.members.length}\n`,
      group.protocol ? `Assignor: ${group.protocol}\n` : '',
      rows.length > 0 ? `\n${table(columns, rows)}` : '',
      idle.length > 0 ? `\nWithout partitions: ${idle.map((member) => member.memberId).join(', ')}\n` : '',
    ].join(''),
  )
}

/** A group's description; an unknown group is the user's error, with what to do. */
export async function requireGroup(admin: Admin, groupId: string): Promise<GroupDescription> {
  const [group] = await admin.describeGroups([groupId])
  if (!group || group.state === 'Dead') {
    throw new Error(`There is no group "${groupId}". \`rivvenctl group list\` shows which there are.`)
  }
  return group
}

async function partitionRows(admin: Admin, group: GroupDescription) {
  const owned = group.members.flatMap((member) => member.assignment.map((entry) => ({ ...entry, member })))
  const lags = await lagOfGroup(
    admin,
    group.groupId,
    owned.map(({ topic, partition }) => ({ topic, partition })),
  )
  return lags.map((lag) => {
    const owner = owned.find((entry) => entry.topic === lag.topic && entry.partition === lag.partition)?.member
    return {
      ...lag,
      memberId: owner?.memberId ?? null,
      host: owner?.clientHost ?? null,
      clientId: owner?.clientId ?? null,
    }
  })
}

function memberFacts(member: GroupDescription['members'][number]) {
  const { memberId, groupInstanceId, clientId, clientHost, assignment } = member
  return { memberId, groupInstanceId, clientId, host: clientHost, assignment }
}
