import type { Figure } from '../hostile/figures.js'
import { figureTable } from '../hostile/report.js'
import type { SoakOutcome } from './soak.js'

/** As text: what failed, what there was, and the figures last. */
export function reportOf(outcome: SoakOutcome, figures: readonly Figure[]): string {
  return [problemLines(outcome), factLines(outcome), figureTable(figures)].filter((part) => part !== '').join('\n\n')
}

function problemLines({ groups, log }: SoakOutcome): string {
  const errors = log.filter(([text]) => /^(error|fatal):/.test(text))
  return [
    ...groups.failures.slice(0, 20).map((failure) => `FAILED  ${failure}`),
    ...errors.map(([text, times]) => `LOG  ${text} × ${times}`),
  ].join('\n')
}

function factLines({ groups, measures, memory, first, last }: SoakOutcome): string {
  const rss = memory.map(({ value }) => value)
  const live = (of: 'broker' | 'clients') => `${first[of].live_mib} MiB and ${last[of].live_mib} at the end`
  return [
    `groups: ${groups.rebalances} rebalances by ${groups.changes} changes; ${groups.acknowledged} records sent, ${groups.read} read and committed; the oldest answer to a heartbeat was ${groups.oldestHeartbeatMs} ms old`,
    `broker: RSS ${Math.min(...rss)} to ${Math.max(...rss)} MiB; in use ${live('broker')}; ${((measures.cpu_ms ?? 0) / 1000).toFixed(0)} s of CPU; turns p99 ${measures.turn_p99_ms} ms, longest ${measures.longest_turn_ms} ms`,
    `clients: in use ${live('clients')}`,
  ].join('\n')
}
