import { listOf, missingBrokers } from '../lists/list-answer.js'
import { flag, list, nullable, number, one, shape, type Told, text, texts } from '../shape.js'

const topicFields = {
  topic: text('Its name.'),
  topicId: text('New whenever a topic is made again.'),
  isInternal: flag('Is it the broker’s own?'),
  partitionCount: number('Its partitions.'),
  replicationFactor: number('Brokers that clients are told of as replicas.'),
  cleanupPolicy: text('`delete`, `compact` or both.'),
  retentionMs: number('How long records are kept; -1: for ever.'),
}

export const topicRow = shape('TopicRow', {
  ...topicFields,
  size: nullable(number('Bytes that are stored; null: no leader has said.')),
  producedPerSecond: nullable(
    number('Offsets that come, over the last minutes, in partitions where groups have committed; null: not sampled.'),
  ),
  groupCount: number('Groups that subscribe to it or have committed in it.'),
})
export type TopicRow = Told<typeof topicRow>

export const topicList = listOf('TopicList', topicRow, 'Topics that the caller may see.')
export type TopicList = Told<typeof topicList>

const partitionPart = shape('TopicPartition', {
  partition: number('Its index.'),
  leader: nullable(number('The broker that leads it; null: none does.')),
  leaderEpoch: number('Rises with each leader.'),
  logStartOffset: nullable(number('The first offset that can be read; null here and below: its leader has not said.')),
  logEndOffset: nullable(number('Behind the last record that can be read.')),
  lastStableOffset: nullable(number('Up to there all transactions have ended.')),
  size: nullable(number('Bytes that are stored.')),
  isWritable: nullable(flag('Does it take records?')),
})
export type TopicPartition = Told<typeof partitionPart>

export const topicPage = shape('Topic', {
  ...topicFields,
  configs: texts('What is set on the topic itself.'),
  partitions: list(one(partitionPart, 'All of them.')),
  missing: missingBrokers,
})
export type TopicPage = Told<typeof topicPage>

const readerRow = shape('TopicReader', {
  groupId: text('Name of the group.'),
  state: text('Its state.'),
  memberCount: number('Its members.'),
  lag: number('Records that it is behind in this topic.'),
})
export type TopicReader = Told<typeof readerRow>

export const readerList = listOf('TopicReaderList', readerRow, 'Groups that subscribe to it or have committed in it.')
export type ReaderList = Told<typeof readerList>
