import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { isReadable, memberNames } from '../../members.js'

const cooperative = 'cooperative-sticky'

export const eagerByMix = check({
  id: 'eager-by-mix',
  about: 'group',
  needs: ['group', 'signs'],
  run({ group, signs }) {
    const able = signs.filter(({ assignors }) => assignors.includes(cooperative))
    const unable = signs.filter(({ assignors }) => !assignors.includes(cooperative))
    if (!isReadable(group) || group.protocol === cooperative) return []
    if (unable.length === 0 || able.length * 2 < signs.length) return []
    const members = group.members.filter(({ memberId }) => unable.some((each) => each.memberId === memberId))
    return [
      {
        severity: 'warning',
        ...(unable.length === 1 ? { subject: { member: unable[0]!.memberId } } : {}),
        title: `Every rebalance stops all members, because ${memberNames(unable)} cannot do ${cooperative}`,
        evidence: [
          { text: 'assignor of the group', value: group.protocol, unit: null },
          { text: `members that offer ${cooperative}`, value: able.length, unit: null },
          { text: 'members that do not', value: memberNames(unable), unit: null },
        ],
        remedy: 'Give these members the assignor that the others have: then only partitions that move stand still.',
        config: linesFor(settings.assignmentStrategy, 'cooperative_sticky', { members }),
      },
    ]
  },
})
