import { statuses, type TopicPartitions } from '@rivven/groups'
import { listOf } from '../lists/list-answer.js'
import { list, nullable, number, one, other, shape, type Told, text, word } from '../shape.js'

const groupFields = {
  groupId: text('Its name.'),
  state: text('`Empty`, `PreparingRebalance`, `CompletingRebalance` or `Stable`.'),
  protocolType: nullable(text('`consumer` for consumers; null: it only has committed offsets.')),
  memberCount: number('Its members.'),
  lag: number('Records that it is behind, over all partitions with a committed offset.'),
  sampledLag: nullable(
    number('The same at the last look, by which `sort=lag` goes; null: not looked at yet, or not to be told.'),
  ),
  lagSeconds: nullable(
    number(
      'How long the first record that waits has been there, at the last look; null: not looked at yet, or not to be told.',
    ),
  ),
  status: nullable(word(statuses, 'How it does in the partition where it does worst, likewise.')),
  catchUpSeconds: nullable(number('When it will have caught up, likewise; null: never, too.')),
  eta: nullable(word(['growing', 'standing'], 'Why never.')),
}

/** One line of a list of groups. */
export const groupRow = shape('GroupRow', groupFields)
export type GroupRow = Told<typeof groupRow>

const pageOfGroups = listOf('GroupList', groupRow, 'Groups that the caller may see.')

export const groupList = shape('GroupList', {
  ...pageOfGroups.fields,
  groups: list(one(groupRow, 'The same as `items`, for those who know the API of before. It will go.')),
})
export type GroupList = Told<typeof groupList>

const memberPart = shape('GroupMember', {
  memberId: text('As the broker calls it.'),
  groupInstanceId: nullable(text('Its name as a static member; null: it is none.')),
  clientId: text('As the client calls itself.'),
  clientHost: text('Where it comes from.'),
  sessionTimeoutMs: number('Without a heartbeat for so long it is given up.'),
  rebalanceTimeoutMs: number('So long it is waited for in a rebalance.'),
  topics: nullable(list(text('What it subscribes to; null: not of consumers, or not readable.'))),
  assignment: nullable(
    list(other<TopicPartitions>('`{ topic, partitions }`', 'What it owns; null: not of consumers, or not readable.')),
  ),
})
export type GroupMember = Told<typeof memberPart>

export const offsetPart = shape('GroupOffset', {
  topic: text('Name of the topic.'),
  partition: number('Index of the partition.'),
  committedOffset: number('Where the group goes on reading.'),
  metadata: text('What was committed along with it.'),
  committedAt: number('When.'),
  logStartOffset: nullable(number('The first offset that can be read; null: another broker leads the partition.')),
  logEndOffset: number('Behind the last record that can be read.'),
  lag: number('Records between the two; below 0 where the offset is beyond the end.'),
})
export type GroupOffset = Told<typeof offsetPart>

const runningReset = shape('RunningReset', {
  stage: word(
    ['joining', 'draining', 'drained'],
    'It waits for members to give up what they have and join; `draining`: those that kept it get a generation without anything; `drained`: they know it.',
  ),
  memberCount: number('Members when it began.'),
  reason: text('Why, as was said; empty: nothing was.'),
})

export const groupPage = shape('Group', {
  ...groupFields,
  protocol: nullable(text('How partitions are assigned.')),
  generation: number('Rises with each rebalance.'),
  leader: nullable(text('The member that assigns partitions.')),
  members: list(one(memberPart, 'All of them.')),
  offsets: list(one(offsetPart, 'What it has committed.')),
  offsetsExpireAt: nullable(
    number('When the first of them expires, if nothing happens until then; null: none does as things are.'),
  ),
  reset: nullable(one(runningReset, 'The reset of its offsets that waits for members; null: there is none.')),
})
export type GroupPage = Told<typeof groupPage>
