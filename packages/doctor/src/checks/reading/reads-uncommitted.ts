import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { memberNames } from '../../members.js'
import { sum } from '../../numbers.js'
import { placesText } from '../../places.js'

export const readsUncommitted = check({
  id: 'reads-uncommitted',
  about: 'group',
  needs: ['group', 'reads'],
  run({ group, reads }) {
    const open = reads.filter(({ isolation, aborted }) => isolation === 'read_uncommitted' && aborted > 0)
    const owners = new Set(open.map(({ memberId }) => memberId))
    const members = group.members.filter(({ memberId }) => owners.has(memberId))
    if (members.length === 0) return []
    return [
      {
        severity: 'warning',
        title: 'Members read what transactions have taken back',
        evidence: [
          { text: 'transactions aborted within 24 h', value: sum(open.map(({ aborted }) => aborted)), unit: null },
          { text: 'in', value: placesText(open), unit: null },
          { text: 'read with read_uncommitted by', value: memberNames(members), unit: null },
        ],
        remedy: 'Let them read committed records alone, unless they are to see what was aborted.',
        config: linesFor(settings.isolationLevel, 'read_committed', { members, now: 'read_uncommitted' }),
      },
    ]
  },
})
