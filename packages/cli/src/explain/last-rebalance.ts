import type { LateMember, PartitionMove, RebalanceStory } from '@rivven/client'
import { causeWords, saysMore } from '@rivven/doctor'
import { durationText, timeText } from '../text/durations.js'
import { counted, listed, titled } from '../text/words.js'
import { askerOf, fullNameOf, nameOf, shortId } from './names.js'

/** The story of one rebalance, a matter a line. */
export function tellRebalance(story: RebalanceStory, now: number): string[] {
  const ago = `${durationText(now - story.endedAt)} ago, at ${timeText(story.endedAt)}`
  if (story.outcome === 'deleted') return [`It was deleted ${ago}, with the offsets that it had committed.`]
  const when = `${ago}; it took ${durationText(story.endedAt - story.startedAt)}`
  const lines: [title: string, text: string | null][] = [
    ['Why', whyText(story)],
    ['Time', phaseText(story)],
    ['Waited', lateText(story)],
    ['Members', memberText(story)],
    ['Assignor', protocolText(story)],
    ['Partitions', partitionText(story)],
    ['Result', outcomeText(story)],
  ]
  const told = lines.flatMap(([title, text]) => (text === null ? [] : titled(title, text, 12)))
  return [`The last rebalance was ${when}.`, ...told]
}

export function whyText(story: RebalanceStory): string {
  if (story.outcome === 'deleted') return 'The group was deleted.'
  const { cause, culprit, reason } = story
  const isReset = cause === 'offsets reset'
  const who = culprit && (isReset ? askerOf(culprit) : fullNameOf(culprit))
  const what = causeWords(cause).what(who ?? (isReset ? 'Somebody' : 'A member'))
  return saysMore(reason) ? `${what} ${isReset ? 'The reason' : 'The client said'}: "${reason}".` : what
}

function phaseText({ phases }: RebalanceStory): string {
  const join = `${durationText(phases.joinMs)} until all members had joined`
  return phases.syncMs === null
    ? `${join}; the leader's assignment did not come.`
    : `${join}, then ${durationText(phases.syncMs)} for the leader's assignment.`
}

/** Below this nobody notices that a member was waited for. */
const noticeableMs = 100

function lateText({ late }: RebalanceStory): string | null {
  const worth = late.filter(({ waitedMs, removed }) => removed || waitedMs >= noticeableMs)
  const [slowest] = [...late].sort((a, b) => b.waitedMs - a.waitedMs)
  if (worth.length > 0) return `${listed(worth.map(lateMember))}.`
  return slowest ? `for nobody long; ${lateMember(slowest)}.` : null
}

function lateMember(member: LateMember): string {
  const step = member.phase === 'join' ? 'to join' : 'to take up its assignment'
  const waited = durationText(member.waitedMs)
  return member.removed
    ? `${fullNameOf(member)} did not come ${step} and was given up after ${waited}`
    : `${nameOf(member)} took ${waited} ${step}`
}

function memberText(story: RebalanceStory): string {
  const joined = listed(story.joined.map(nameOf), 5, story.joinedCount)
  const left = listed(
    story.left.map((member) => `${nameOf(member)} (${member.why})`),
    5,
    story.leftCount,
  )
  const counts = `${story.membersBefore} before, ${story.membersAfter} after.`
  return [counts, joined && `Came: ${joined}.`, left && `Gone: ${left}.`].filter((text) => text !== '').join(' ')
}

function protocolText({ protocol, membersAfter }: RebalanceStory): string | null {
  if (protocol.elected === null) return null
  const votes = protocol.votes[protocol.elected]
  const count = votes === undefined ? '' : ` with ${votes} of ${counted(membersAfter, 'vote')}`
  const others = protocol.refused.map(({ name, because }) => ` Not ${name}: ${because}.`)
  return `${protocol.elected} was elected${count}.${others.join('')}`
}

function partitionText({ partitions }: RebalanceStory): string | null {
  if (partitions === null) return null
  const { moved, kept, assigned, released, moves } = partitions
  const fresh = assigned - moved - kept
  const counts = [
    `${moved} moved to another member, ${kept} stayed`,
    fresh > 0 && `${fresh} had no owner before`,
    released > 0 && `${released} have none until the next generation`,
  ].filter((text) => text !== false)
  return `${counts.join(', ')}.${moves.length === 0 ? '' : ` ${listed(moves.map(moveText), 6, moved + fresh + released)}.`}`
}

function moveText({ topic, partition, from, to }: PartitionMove): string {
  const origin = from === null ? '' : ` from ${shortId(from)}`
  return `${topic}/${partition}${origin} to ${to === null ? 'nobody yet' : shortId(to)}`
}

function outcomeText({ outcome }: RebalanceStory): string | null {
  switch (outcome) {
    case 'stable':
      return null
    case 'emptied':
      return 'the group is empty: nobody reads its partitions until a member joins.'
    case 'superseded':
      return 'it never finished: the next rebalance began before its assignment was there.'
    case 'coordinator moved':
      return 'it never finished: the coordinator went away; members join again at the next one.'
    default:
      return `it ended: ${outcome}.`
  }
}
