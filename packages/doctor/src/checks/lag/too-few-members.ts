import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import { rounded } from '../../numbers.js'
import { counted } from '../../words.js'
import { type Behind, behind } from './behind.js'

export const tooFewMembers = check({
  id: 'too-few-members',
  about: 'group',
  needs: ['group', 'partitions', 'pace'],
  run(facts) {
    const found = behind(facts)
    const working = facts.group.members.filter(({ assignment }) => assignment.length > 0)
    const room = facts.partitions.length - working.length
    if (!found || found.consumedPerSecond <= 0 || room <= 0 || !canBeShared(found)) return []
    const { consumedPerSecond, producedPerSecond } = found
    const wanted = Math.ceil((working.length * producedPerSecond) / consumedPerSecond)
    const more = Math.min(room, wanted - working.length)
    if (more <= 0) return []
    return [
      {
        severity: 'warning',
        title: `${counted(more, 'more member')} would keep up: ${working.length} read ${rounded(consumedPerSecond)} of ${rounded(producedPerSecond)} records a second`,
        evidence: [
          { text: 'members that read', value: working.length, unit: null },
          { text: 'members that it takes', value: wanted, unit: null },
          { text: 'partitions', value: facts.partitions.length, unit: null },
        ],
        remedy: `Start ${more} more.${wanted - working.length > room ? ` That is one for each partition, and not enough: ${wanted} members need as many partitions, or a faster handler.` : ''}`,
        commands: [commandText('group describe', [facts.group.groupId], ['--members'])],
      },
    ]
  },
})

/** Another member can only take what somebody has beside something else: one partition is read by one. */
function canBeShared({ growing }: Behind): boolean {
  return growing.length > new Set(growing.map(({ owner }) => owner)).size
}
