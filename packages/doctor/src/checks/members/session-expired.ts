import { check } from '../../check.js'
import { type ConfigLine, linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import type { DepartureFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { memberName } from '../../members.js'
import { dayMs, grouped, since } from '../../recent.js'
import { type Verdict, verdictOn } from './expiry-verdict.js'

const oftenTimes = 3

interface Expired extends DepartureFact {
  readonly verdict: Verdict
}

export const sessionExpired = check({
  id: 'session-expired',
  about: 'group',
  needs: ['group', 'departures'],
  run({ departures, loop }, now) {
    const gone = since(departures, now - dayMs).filter(({ cause }) => cause === 'session expired')
    const judged = gone.map((one): Expired => ({ ...one, verdict: verdictOn(one, gone, loop) }))
    return grouped(judged, ({ verdict }) => verdict).map((expired) => foundIn(expired[0]!.verdict, expired))
  },
})

const because: Readonly<Record<Verdict, string>> = {
  ended: 'their processes ended without a word',
  paused: 'their processes stood still, and went on later',
  network: 'several members of one host fell silent in the same moment: its network, or the whole machine',
  broker: 'this broker stood still itself, and could not read heartbeats',
  unknown: 'nothing was heard of them again, and their connections stayed open',
}

const remedies: Readonly<Record<Verdict, string>> = {
  ended: 'They were killed, or crashed: a consumer that is closed leaves, and nobody waits for its session to end.',
  paused:
    'Garbage collection, a loop that computes for long, a container without CPU or a suspended machine: mend that, or make sessions last longer.',
  network: 'Look at the network of that host, and at the machine.',
  broker: 'See the finding broker-loop of the cluster, and why this machine had no time for it.',
  unknown: 'They hang, or are cut off: look at these processes, and at the way to them.',
}

function foundIn(verdict: Verdict, expired: readonly Expired[]): Found {
  const last = expired.at(-1)!
  const pauses = expired.flatMap(({ returnedAt, lastHeardAt }) => {
    return verdict === 'paused' && returnedAt !== null && lastHeardAt !== null ? [returnedAt - lastHeardAt] : []
  })
  const longestMs = Math.max(0, ...pauses)
  return {
    // Who ends is a matter of restart-churn: there is no session that would have saved it.
    severity: expired.length >= oftenTimes && verdict !== 'ended' ? 'warning' : 'info',
    ...(expired.length === 1 ? { subject: { member: last.memberId } } : {}),
    since: expired[0]!.at,
    title: `${expired.length === 1 ? 'A session' : `${expired.length} sessions`} ended within 24 h: ${because[verdict]}`,
    evidence: [
      { text: 'verdict', value: verdict, unit: null },
      { text: 'the last one', value: `${memberName(last)} at ${last.clientHost}`, unit: null },
      { text: 'at', value: last.at, unit: 'time' },
      { text: 'session_timeout_ms', value: last.sessionTimeoutMs / 1_000, unit: 's' },
      ...(longestMs > 0 ? [{ text: 'longest pause', value: longestMs / 1_000, unit: 's' as const }] : []),
    ],
    remedy: remedies[verdict],
    config: longestMs > 0 ? longerSession(last, 2 * longestMs) : [],
  }
}

function longerSession(member: DepartureFact, sessionMs: number): ConfigLine[] {
  const suggested = Math.ceil(sessionMs / 1_000) * 1_000
  return linesFor(settings.sessionTimeoutMs, suggested, { members: [member], now: member.sessionTimeoutMs })
}
