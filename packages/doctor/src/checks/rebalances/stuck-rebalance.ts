import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import type { RivvenFacts } from '../../facts/rivven-facts.js'
import type { Evidence } from '../../finding.js'
import { counted } from '../../words.js'

const warnMs = 30_000
const criticalMs = 300_000

const rebalancing = ['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling']

export const stuckRebalance = check({
  id: 'stuck-rebalance',
  about: 'group',
  needs: ['group', 'stateSince'],
  run({ group: { groupId, state, members }, stateSince, wait }, now) {
    const lastsMs = now - stateSince
    if (!rebalancing.includes(state) || lastsMs <= warnMs) return []
    return [
      {
        severity: lastsMs > criticalMs ? 'critical' : 'warning',
        since: stateSince,
        title: `A rebalance does not come to its end: ${counted(members.length, 'member')} in ${state}`,
        evidence: [{ text: 'it lasts at least', value: lastsMs / 1_000, unit: 's' }, ...awaited(wait)],
        remedy:
          'Look at the process that has not joined: it handles what it got before, or stands still. It is given up after its max_poll_interval_ms.',
        commands: [commandText('group explain', [groupId])],
      },
    ]
  },
})

function awaited(wait: RivvenFacts['wait']): Evidence[] {
  return (wait?.awaited ?? []).map(({ groupInstanceId, memberId, clientHost }) => ({
    text: 'has not joined',
    value: `${groupInstanceId ?? memberId} at ${clientHost}`,
    unit: null,
  }))
}
