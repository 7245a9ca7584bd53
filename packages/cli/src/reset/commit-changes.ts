import type { Admin } from '@rivven/client'
import { type Change, isReal } from './change.js'

/** Commits them by nobody, which a coordinator takes only while the group has no members. */
export async function commitChanges(admin: Admin, groupId: string, changes: readonly Change[]): Promise<void> {
  const real = changes.filter(isReal)
  const set = real.flatMap(({ topic, partition, newOffset, metadata }) =>
    newOffset === null ? [] : [{ topic, partition, offset: newOffset, ...(metadata !== null && { metadata }) }],
  )
  const forgotten = real.filter(({ newOffset }) => newOffset === null)
  if (set.length > 0) await admin.alterGroupOffsets(groupId, set)
  if (forgotten.length > 0)
    await admin.deleteGroupOffsets(
      groupId,
      forgotten.map(({ topic, partition }) => ({ topic, partition })),
    )
}
