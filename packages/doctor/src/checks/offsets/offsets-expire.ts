import { check } from '../../check.js'
import { brokerLine } from '../../clients/config-lines.js'
import { dayMs, minuteMs } from '../../recent.js'

const shortShare = 0.25

export const offsetsExpire = check({
  id: 'offsets-expire',
  about: 'group',
  needs: ['group', 'expiry'],
  run({ group, expiry }, now) {
    if (group.state !== 'Empty' || expiry === null) return []
    const { firstAt, retentionMs } = expiry
    const leftMs = firstAt - now
    if (leftMs >= Math.max(dayMs, shortShare * retentionMs)) return []
    const retentionMinutes = Math.round(retentionMs / minuteMs)
    return [
      {
        severity: 'warning',
        title: 'Nobody is in the group, and its committed offsets are about to be forgotten',
        evidence: [
          { text: 'the first is forgotten at', value: firstAt, unit: 'time' },
          { text: 'that is in', value: Math.max(0, leftMs / 1_000), unit: 's' },
          { text: 'offsets are kept for', value: retentionMs / 1_000, unit: 's' },
        ],
        remedy:
          'Start a member, or let offsets be kept for longer. Whoever comes later begins where auto_offset_reset says: it reads all again, or leaves out what came meanwhile.',
        config: [brokerLine('offsets_retention_minutes', 2 * retentionMinutes, retentionMinutes)],
      },
    ]
  },
})
