import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import { isReadable, memberNames } from '../../members.js'

export const idleMembers = check({
  id: 'idle-members',
  about: 'group',
  needs: ['group'],
  run({ group }) {
    const { members } = group
    const idle = isReadable(group) ? members.filter(({ assignment }) => assignment.length === 0) : []
    if (idle.length === 0) return []
    const topics = [...new Set(idle.flatMap((member) => member.topics))]
    return [
      {
        severity: idle.length * 2 > members.length ? 'warning' : 'info',
        title: `${idle.length} of ${members.length} members have no partitions`,
        evidence: [{ text: 'without partitions', value: memberNames(idle), unit: null }],
        remedy:
          'Start fewer members, or give their topics more partitions (records with keys that are there already do not move).',
        commands: topics
          .slice(0, 3)
          .map((topic) => commandText('topic alter', [topic], ['--partitions', `${wanted(group.members, topic)}`])),
      },
    ]
  },
})

/** So many that each member that wants some gets one. */
function wanted(members: readonly { topics: readonly string[] }[], topic: string): number {
  return members.filter(({ topics }) => topics.includes(topic)).length
}
