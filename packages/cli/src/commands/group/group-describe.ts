import type { Admin, GroupDescription } from '@rivven/client'
import type { CommandContext } from '../../context.js'
import { freshWait, tellWait, waitIn } from '../../explain/waits.js'
import { Failure } from '../../failure.js'
import { lagColumns, lagOfGroup } from '../../lag/group-offsets.js'
import { partitionKey } from '../../partition-key.js'
import { type Column, printable, type Row, renderRows, renderValue, table } from '../../text/output.js'

/** Which parts are shown; none of them: the head and the offsets with their owners. */
export interface DescribeOptions {
  state?: boolean
  members?: boolean
  offsets?: boolean
}

const offsetColumns: Column[] = [
  ...lagColumns,
  { field: 'memberId', title: 'CONSUMER-ID' },
  { field: 'groupInstanceId', title: 'INSTANCE-ID', wide: true },
  { field: 'host', title: 'HOST' },
  { field: 'clientId', title: 'CLIENT-ID' },
]

const memberColumns: Column[] = [
  { field: 'memberId', title: 'CONSUMER-ID' },
  { field: 'groupInstanceId', title: 'INSTANCE-ID' },
  { field: 'clientId', title: 'CLIENT-ID' },
  { field: 'host', title: 'HOST' },
  { field: 'partitions', title: '#PARTITIONS' },
  { field: 'assignment', title: 'ASSIGNMENT' },
  { field: 'subscription', title: 'SUBSCRIPTION', wide: true },
]

const stateColumns: Column[] = [
  { field: 'groupId', title: 'GROUP' },
  { field: 'coordinator', title: 'COORDINATOR' },
  { field: 'state', title: 'STATE' },
  { field: 'protocolType', title: 'PROTOCOL-TYPE' },
  { field: 'protocol', title: 'ASSIGNOR' },
  { field: 'members', title: '#MEMBERS' },
]

export async function describeGroup(context: CommandContext, groupId: string, options: DescribeOptions): Promise<void> {
  const admin = await context.admin()
  const group = await requireGroup(admin, groupId)
  const isWhole = !options.state && !options.members && !options.offsets
  const offsets = isWhole || options.offsets ? await offsetRows(admin, group) : []
  const parts = { group, isWhole, options, offsets, lost: await lostMembers(admin, group, context.runtime.clock.now()) }
  context.terminal.out(rendered(context, parts))
}

interface Parts {
  group: GroupDescription
  isWhole: boolean
  options: DescribeOptions
  offsets: Row[]
  /** Members without a connection, in words. */
  lost: string[]
}

function rendered({ output }: CommandContext, parts: Parts): string {
  switch (output) {
    case 'json':
    case 'yaml':
      return renderValue(output, structured(parts))
    case 'csv':
    case 'ndjson':
      return tablesOf(parts)
        .map(({ columns, rows }) => renderRows(output, columns, rows))
        .join(output === 'csv' ? '\n' : '')
    default:
      return textOf(parts, output === 'wide')
  }
}

function structured({ group, isWhole, options, offsets }: Parts) {
  const { groupId, state, protocolType, protocol } = group
  return {
    groupId,
    ...(isWhole || options.state ? { coordinator: coordinatorOf(group), state, protocolType, protocol } : {}),
    ...(options.state && !options.members ? { members: group.members.length } : {}),
    ...(isWhole || options.members ? { members: group.members.map(memberFacts) } : {}),
    ...(isWhole || options.offsets ? { partitions: offsets } : {}),
  }
}

function tablesOf({ group, isWhole, options, offsets }: Parts): { columns: Column[]; rows: Row[] }[] {
  return [
    ...(options.state ? [{ columns: stateColumns, rows: [stateRow(group)] }] : []),
    ...(options.members ? [{ columns: memberColumns, rows: group.members.map(memberRow) }] : []),
    ...(isWhole || options.offsets ? [{ columns: offsetColumns, rows: offsets }] : []),
  ]
}

function textOf({ group, isWhole, options, offsets, lost }: Parts, isWide: boolean): string {
  const { groupId, state, protocol, members } = group
  const shown = (columns: readonly Column[], rows: readonly Row[]) =>
    rows.length === 0
      ? ''
      : `\n${table(
          columns.filter((column) => isWide || !column.wide),
          rows,
        )}`
  const idle = members.filter((member) => member.assignment.length === 0)
  return [
    `Group: ${groupId}\nCoordinator: ${coordinatorOf(group)}\nState: ${state}\nMembers: ${members.length}\n`,
    protocol ? `Assignor: ${protocol}\n` : '',
    options.members ? shown(memberColumns, members.map(memberRow)) : '',
    shown(offsetColumns, offsets),
    isWhole && idle.length > 0
      ? `\nWithout partitions: ${idle.map((member) => printable(member.memberId)).join(', ')}\n`
      : '',
    lost.length > 0 ? `\n${lost.map(printable).join('\n')}\n` : '',
  ].join('')
}

/** Only Rivven tells; it is no reason to fail where that cannot be read. */
async function lostMembers(admin: Admin, { groupId, state }: GroupDescription, now: number): Promise<string[]> {
  if (state !== 'Stable') return []
  const wait = await admin.groupWait(groupId).catch(() => null)
  return tellWait(waitIn(state, freshWait(wait, now)), now)
}

/** A group's description; an unknown group is the user's error, with what to do. */
export async function requireGroup(admin: Admin, groupId: string): Promise<GroupDescription> {
  const [group] = await admin.describeGroups([groupId])
  if (!group || group.state === 'Dead') {
    throw new Failure('absent', `There is no group "${groupId}". \`rivvenctl group list\` shows which there are.`)
  }
  return group
}

function coordinatorOf({ coordinator }: GroupDescription): string {
  return `broker-${coordinator.id} (${coordinator.host}:${coordinator.port})`
}

async function offsetRows(admin: Admin, group: GroupDescription): Promise<Row[]> {
  const owned = group.members.flatMap((member) => member.assignment.map((entry) => ({ ...entry, member })))
  const owners = new Map(owned.map((place) => [partitionKey(place), place.member]))
  const lags = await lagOfGroup(
    admin,
    group.groupId,
    owned.map(({ topic, partition }) => ({ topic, partition })),
  )
  return lags.map((lag) => {
    const owner = owners.get(partitionKey(lag))
    return {
      ...lag,
      memberId: owner?.memberId ?? null,
      groupInstanceId: owner?.groupInstanceId ?? null,
      host: owner?.clientHost ?? null,
      clientId: owner?.clientId ?? null,
    }
  })
}

type Member = GroupDescription['members'][number]

function memberFacts(member: Member) {
  const { memberId, groupInstanceId, clientId, clientHost, topics, assignment } = member
  return { memberId, groupInstanceId, clientId, host: clientHost, topics, assignment }
}

function memberRow(member: Member): Row {
  const { memberId, groupInstanceId, clientId, clientHost: host, assignment, topics } = member
  const owned = { partitions: assignment.length, assignment: assignmentText(member) }
  return { memberId, groupInstanceId, clientId, host, ...owned, subscription: topics.join(',') }
}

/** `orders(0,1),payments(2)` */
function assignmentText({ assignment }: Member): string {
  const topics = [...new Set(assignment.map(({ topic }) => topic))].sort()
  return topics
    .map((topic) => {
      const partitions = assignment.filter((entry) => entry.topic === topic).map(({ partition }) => partition)
      return `${topic}(${partitions.sort((a, b) => a - b).join(',')})`
    })
    .join(',')
}

function stateRow(group: GroupDescription): Row {
  const { groupId, state, protocolType, protocol, members } = group
  return { groupId, coordinator: coordinatorOf(group), state, protocolType, protocol, members: members.length }
}
