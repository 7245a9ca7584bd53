import type { CommittedOffset } from '../events.js'
import type { Group } from '../group.js'
import type { GroupShard } from '../shard.js'
import { weightOf } from './group-offsets.js'

/**
 * Whether one more offset of a command may be stored. Those that are there may always be replaced, unless their text grows:
 * a consumer at the limit goes on.
 */
export function offsetRoom(shard: GroupShard, group: Group | undefined) {
  let left: number | undefined
  return (topic: string, partition: number, offset: Pick<CommittedOffset, 'metadata'>): boolean => {
    const before = group?.offsets.get(topic, partition)
    const more = weightOf(offset) - (before ? weightOf(before) : 0)
    if (more <= 0) return true
    left ??= shard.roomForOffsets()
    if (more > left) return false
    left -= more
    return true
  }
}
