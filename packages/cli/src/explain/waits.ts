import type { AwaitedMember, GroupWait } from '@rivven/client'
import { durationText, timeText } from '../text/durations.js'
import { counted, listed, wrapped } from '../text/words.js'
import { fullNameOf } from './names.js'

/** A note that is older was written by a broker that has stopped noting: what it says is over. */
const staleAfterMs = 15_000

/** The newest note, while it holds. */
export function freshWait(wait: GroupWait | null, now: number): GroupWait | null {
  return wait && now - wait.at <= staleAfterMs ? wait : null
}

/** The note as far as it is about the state that the group is in; null: it is of an earlier one. */
export function waitIn(state: string, wait: GroupWait | null): GroupWait | null {
  if (wait?.phase === 'session') return state === 'Stable' ? wait : null
  return state === 'PreparingRebalance' || state === 'CompletingRebalance' ? wait : null
}

/** Who holds up the rebalance that goes on, as `order-1, last heard of 12 s ago, until 18:00:41Z`. Empty: nobody is known. */
export function tellWait(wait: GroupWait | null, now: number): string[] {
  if (!wait) return []
  if (wait.phase === 'gather') return wrapped(`${gatherText} It has waited for ${durationText(now - wait.since)}.`, 110)
  if (wait.awaitedCount === 0) return []
  const who = listed(
    wait.awaited.map((member) => awaitedText(member, now)),
    5,
    wait.awaitedCount,
  )
  if (wait.phase === 'session') return [...wrapped(lostText(wait.awaitedCount, who), 110)]
  const what = wait.phase === 'join' ? 'to join again' : 'to assign the partitions, as their leader'
  const text = `For ${durationText(now - wait.since)} it waits for ${counted(wait.awaitedCount, 'member')} ${what}: ${who}.`
  return [...wrapped(text, 110), '', 'What to do:', ...wrapped(advice, 100).map((line) => `  ${line}`)]
}

function lostText(count: number, who: string): string {
  const [what, whose] =
    count === 1 ? ['1 member has', 'its session ends'] : [`${count} members have`, 'their sessions end']
  return (
    `${what} no connection any more and did not leave: ${who}. Nobody reads their partitions until they are back or ${whose}: ` +
    'then the others get them. A static member that is restarted keeps them, as it should; any other is gone, and ' +
    '`rivvenctl group remove-member` does not wait.'
  )
}

const gatherText =
  'It was empty, and such a group waits for more members before it hands out partitions: nobody holds it up, and nothing needs ' +
  'you. How long is group_initial_rebalance_delay_ms of the broker, again for each time that members have come meanwhile.'

const advice =
  'A member that was killed (Ctrl-C without close(), SIGKILL, a lost host) is waited for until its session ends: nothing needs ' +
  'you then, but let the application end by close(), which leaves at once. One that is heard of is alive and busy with its ' +
  'records: take fewer at a time (max_poll_records), or lower max_poll_interval_ms. `rivvenctl group remove-member` does not wait.'

function awaitedText(member: AwaitedMember, now: number): string {
  const { lastHeardAt, until } = member
  // Brokers before said nothing of it.
  const disconnectedAt = member.disconnectedAt ?? null
  const lost = disconnectedAt === null ? '' : `, its connection ended ${durationText(now - disconnectedAt)} ago`
  const heard =
    lastHeardAt === null ? 'not heard of since it got its id' : `last heard of ${durationText(now - lastHeardAt)} ago`
  const name = member.clientId === '' ? `a new member (member id ${member.memberId})` : fullNameOf(member)
  return `${name}, ${heard}${lost}, until ${timeText(until).replace(/.*T/, '')}`
}
