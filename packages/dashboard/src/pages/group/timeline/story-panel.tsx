import type { ApiAnswers } from '@rivven/broker'
import { causeWords, saysMore } from '@rivven/doctor'
import { Command } from '../../../parts/copy.js'
import { Figure, Figures } from '../../../parts/figure.js'
import { count, millis, utc } from '../../../text/format.js'
import { visible } from '../../../text/visible.js'
import { Replay } from './replay.js'
import { whoIs } from './story-columns.js'

type Story = ApiAnswers.Timeline['rebalances'][number]

export interface StoryPanelProps {
  readonly story: Story
  readonly handOver: ApiAnswers.HandOver | undefined
  /** The command that tells the same. */
  readonly command: string
}

/** One rebalance: why, how long it took whom, and what changed hands. */
export function StoryPanel({ story, handOver, command }: StoryPanelProps) {
  const { cause, culprit, reason, startedAt, endedAt, phases, partitions, generation } = story
  const words = causeWords(cause)
  return (
    <section class="panel story" aria-labelledby="story-title">
      <h2 id="story-title">
        {generation > 0 ? `Generation ${generation}: ` : ''}
        {cause}
      </h2>
      <p>
        {visible(words.what(culprit ? whoIs(culprit) : 'A member'))}
        {saysMore(reason) ? ` It said: “${visible(reason)}”.` : ''}
      </p>
      {!words.isUsual && <p>{words.advice}</p>}
      <p class="dim">{utc(startedAt)}</p>
      <Figures>
        <Figure label="Took" value={millis(endedAt - startedAt)} note={story.outcome} />
        <Figure label="To join" value={millis(phases.joinMs)} note="until all members had" />
        <Figure label="To assign" value={millis(phases.syncMs)} note="by the leader" />
        <Figure label="Members" value={`${story.membersBefore} → ${story.membersAfter}`} />
        {partitions && (
          <Figure label="Moved" value={count(partitions.moved)} note={`${count(partitions.kept)} stayed`} />
        )}
        {handOver && (
          <Figure
            label="Nobody read"
            value={millis(handOver.pauseMedianMs)}
            note={`${millis(handOver.pauseMaxMs)} at most, ${count(handOver.recordsReadAgain)} read again`}
          />
        )}
      </Figures>
      <Members title="Waited for" names={story.late.map((one) => `${whoIs(one)}: ${waitWords(one)}`)} />
      <Members title="Came" names={story.joined.map(whoIs)} count={story.joinedCount} />
      <Members title="Gone" names={story.left.map((one) => `${whoIs(one)} (${one.why})`)} count={story.leftCount} />
      {partitions && partitions.moves.length > 0 && <Replay key={startedAt} moves={partitions.moves} />}
      <p>
        <Command command={command} />
      </p>
    </section>
  )
}

function waitWords({ phase, waitedMs, removed }: Story['late'][number]): string {
  const step = phase === 'join' ? 'to join' : 'to take up its assignment'
  return removed ? `given up after ${millis(waitedMs)}, it did not come ${step}` : `${millis(waitedMs)} ${step}`
}

function Members({
  title,
  names,
  count: total = names.length,
}: {
  title: string
  names: readonly string[]
  count?: number
}) {
  if (names.length === 0) return null
  const more = total > names.length ? `, and ${total - names.length} more` : ''
  return (
    <p>
      <strong>{title}:</strong> {names.map(visible).join('; ')}
      {more}
    </p>
  )
}
