import type { SnapshotMode } from '@rivven/groups'
import { flag, list, nullable, number, one, shape, text, word } from '../shape.js'

const modes = [
  'empty',
  'handed over',
  'fenced',
  'commit',
  'offsets deleted',
  'group deleted',
] as const satisfies readonly SnapshotMode[]

const offsets = {
  topic: text('Name of the topic.'),
  partition: number('Index of the partition.'),
  oldOffset: nullable(number('What was committed; null: nothing.')),
  newOffset: nullable(number('What is committed now; null: nothing.')),
}

const plannedChange = shape('PlannedChange', {
  ...offsets,
  note: nullable(text('Why it is not what was asked for; null: it is.')),
})

const putOut = shape('PutOutMember', {
  memberId: text('As the broker called it.'),
  groupInstanceId: nullable(text('Its name as a static member; null: it was none.')),
  clientId: text('As the client calls itself.'),
  clientHost: text('Where it comes from.'),
})

export const groupReset = shape('GroupReset', {
  groupId: text('The group.'),
  isPlan: flag('Was nothing done, because only the plan was asked for?'),
  changes: list(one(plannedChange, 'Each partition that was asked for.')),
  fingerprint: text('Of the old offsets: for `ifUnchanged`.'),
  snapshot: nullable(number('The snapshot to return to; null: nothing was changed.')),
  generation: number('Of the group: the new offsets count from it on.'),
  mode: word(modes, 'How it was done, or would be.'),
  memberCount: number('Members when it began.'),
  fenced: list(one(putOut, 'Members that did not hand over in time, and had to join anew.')),
})

const offsetChange = shape('OffsetChange', offsets)

const snapshot = shape('Snapshot', {
  id: number('What a reset names to return to it.'),
  time: number('When the offsets were changed.'),
  by: text('Who changed them; empty: not known.'),
  from: text('Where the request came from.'),
  tool: text('Client id of what was used.'),
  reason: text('Why, as was said; empty: nothing was.'),
  mode: word(
    modes,
    'By a reset: `empty` of a group without members, `handed over` by all of them, or `fenced` where some did not. By requests of Kafka’s protocol: the others.',
  ),
  generation: number('Of the group, from which on the new offsets count.'),
  undoes: nullable(number('The snapshot that this change was a return to.')),
  undoneBy: nullable(number('The later change that was a return to this one.')),
  changes: list(one(offsetChange, 'The offsets before and after; topics that one may not describe are left out.')),
})

export const groupSnapshots = shape('GroupSnapshots', { items: list(one(snapshot, 'The newest first.')) })
