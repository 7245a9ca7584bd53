import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { memberName } from '../../members.js'
import { dayMs, since } from '../../recent.js'
import { counted } from '../../words.js'

const shortMs = 10_000
const usualMs = 45_000

export const sessionShort = check({
  id: 'session-short',
  about: 'group',
  needs: ['group', 'departures'],
  run({ departures }, now) {
    // No session is long enough for a process that has ended.
    const expired = since(departures, now - dayMs).filter(({ cause, sessionTimeoutMs, disconnectedAt }) => {
      return cause === 'session expired' && sessionTimeoutMs < shortMs && disconnectedAt === null
    })
    const last = expired.at(-1)
    if (!last) return []
    return [
      {
        severity: 'warning',
        since: expired[0]!.at,
        title: `${counted(expired.length, 'session')} of less than ${shortMs / 1_000} s ended: any longer pause costs a rebalance`,
        evidence: [
          { text: 'session_timeout_ms', value: last.sessionTimeoutMs / 1_000, unit: 's' },
          { text: 'the last one', value: `${memberName(last)} at ${last.clientHost}`, unit: null },
        ],
        remedy: 'A session of 45 s is usual: a consumer that ends in order leaves at once, however long that is.',
        config: linesFor(settings.sessionTimeoutMs, usualMs, { members: [last], now: last.sessionTimeoutMs }),
      },
    ]
  },
})
