import type { Admin } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { type Column, renderRows } from '../output.js'

interface ResetOptions {
  topic: string
  partition?: number[]
  toEarliest?: boolean
  toLatest?: boolean
  toOffset?: number
  dryRun?: boolean
}

const columns: Column[] = [
  { field: 'topic', title: 'TOPIC' },
  { field: 'partition', title: 'PARTITION' },
  { field: 'oldOffset', title: 'OLD-OFFSET' },
  { field: 'newOffset', title: 'NEW-OFFSET' },
]

export async function resetOffsets(context: CommandContext, groupId: string, options: ResetOptions): Promise<void> {
  if ([options.toEarliest, options.toLatest, options.toOffset !== undefined].filter(Boolean).length !== 1) {
    throw new UsageError('Say where to: one of --to-earliest, --to-latest and --to-offset N.')
  }
  const admin = await context.admin()
  await refuseMembers(admin, groupId)
  const changes = await planOf(admin, groupId, options)
  if (!options.dryRun) {
    await admin.alterGroupOffsets(
      groupId,
      changes.map(({ topic, partition, newOffset }) => ({ topic, partition, offset: newOffset })),
    )
  }
  context.terminal.out(renderRows(context.output, columns, changes))
  context.terminal.words(options.dryRun ? 'Nothing was changed (--dry-run).\n' : undoWords(groupId, changes))
}

/** Offsets under a living member would be overwritten by its next commit. */
async function refuseMembers(admin: Admin, groupId: string): Promise<void> {
  const [group] = await admin.describeGroups([groupId])
  if (group && group.members.length > 0) {
    const names = group.members.map((member) => member.clientId).join(', ')
    const [members, them, their] = group.members.length === 1 ? ['member', 'it', 'its'] : ['members', 'them', 'their']
    const text = `Group "${groupId}" has ${group.members.length} ${members} (${names})`
    throw new Error(`${text}: stop ${them} first, ${their} next commit would undo the reset.`)
  }
}

interface Change {
  [field: string]: string | number | null
  topic: string
  partition: number
  oldOffset: number | null
  newOffset: number
}

async function planOf(admin: Admin, groupId: string, options: ResetOptions): Promise<Change[]> {
  const [topic] = await admin.describeTopics([options.topic])
  const count = topic!.partitions.length
  const wanted = options.partition ?? Array.from({ length: count }, (_, partition) => partition)
  const missing = wanted.find((partition) => partition < 0 || partition >= count)
  if (missing !== undefined)
    throw new UsageError(`Topic "${options.topic}" has no partition ${missing}: it has ${count}, from 0 on.`)
  const committed = await admin.listGroupOffsets(groupId)
  const targets = await targetOffsets(admin, options, wanted)
  return wanted.map((partition) => ({
    topic: options.topic,
    partition,
    oldOffset:
      committed.find((entry) => entry.topic === options.topic && entry.partition === partition)?.offset ?? null,
    newOffset: targets.get(partition)!,
  }))
}

/** The new offset of each partition; --to-offset is kept within what the partition holds. */
async function targetOffsets(
  admin: Admin,
  options: ResetOptions,
  partitions: readonly number[],
): Promise<Map<number, number>> {
  const offsets = async (timestamp: 'earliest' | 'latest') => {
    const found = await admin.listOffsets(
      partitions.map((partition) => ({ topic: options.topic, partition, timestamp })),
    )
    return new Map(found.map(({ partition, offset }) => [partition, offset]))
  }
  if (options.toEarliest) return offsets('earliest')
  const latest = await offsets('latest')
  if (options.toLatest) return latest
  const earliest = await offsets('earliest')
  return new Map(
    partitions.map((partition) => [
      partition,
      Math.min(Math.max(options.toOffset!, earliest.get(partition)!), latest.get(partition)!),
    ]),
  )
}

function undoWords(groupId: string, changes: readonly Change[]): string {
  const undo = changes
    .filter((change) => change.oldOffset !== null && change.oldOffset !== change.newOffset)
    .map(
      ({ topic, partition, oldOffset }) =>
        `  rivvenctl group reset-offsets ${groupId} --topic ${topic} --partition ${partition} --to-offset ${oldOffset}\n`,
    )
  return undo.length > 0 ? `Done. To undo it:\n${undo.join('')}` : 'Done.\n'
}
