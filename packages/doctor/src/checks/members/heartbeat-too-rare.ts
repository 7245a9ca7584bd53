import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { memberName } from '../../members.js'

/** Timers are late by a little: an interval of just a third is as it should be. */
const tolerance = 1.1

export const heartbeatTooRare = check({
  id: 'heartbeat-too-rare',
  about: 'group',
  needs: ['group', 'signs'],
  run({ group, signs }) {
    const rare = signs.filter(({ heartbeatGapMs: gap, sessionTimeoutMs }) => {
      return gap !== null && gap > (sessionTimeoutMs / 3) * tolerance
    })
    return rare.map((member) => ({
      severity: 'warning',
      subject: { member: member.memberId },
      title: `${memberName(member)} at ${member.clientHost} sends so few heartbeats that one late one may end its session`,
      evidence: [
        { text: 'usually between two heartbeats', value: (member.heartbeatGapMs ?? 0) / 1_000, unit: 's' },
        { text: 'session_timeout_ms', value: member.sessionTimeoutMs / 1_000, unit: 's' },
      ],
      remedy: 'Three heartbeats and more should fit into a session.',
      config: linesFor(settings.heartbeatIntervalMs, Math.floor(member.sessionTimeoutMs / 3), {
        members: group.members.filter(({ memberId }) => memberId === member.memberId),
      }),
    }))
  },
})
