import { textTable } from '../support/text-table.js'
import type { Tally } from './attackers/tally.js'
import type { CampaignResult } from './campaign.js'
import type { Figure } from './figures.js'

/** Everything as text: what each attack did and saw, what the broker wrote, and the figures last. */
export function reportOf(result: CampaignResult, figures: readonly Figure[]): string {
  return [
    attackTable(result.attackers.tallies),
    logLines(result.log),
    problemLines(result),
    factLines(result),
    figureTable(figures),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function attackTable(tallies: readonly Tally[]): string {
  const head = ['ROW', 'ATTACK', 'RUNS', 'CONNECTIONS', 'REQUESTS', 'ANSWERS']
  const rows = tallies
    .filter(({ runs }) => runs > 0)
    .map(({ row, name, runs, connections, requests, answers }) => {
      const seen = Object.entries(answers).map(([answer, times]) => `${answer} × ${times}`)
      return [row, name, String(runs), String(connections), String(requests), seen.join(', ')]
    })
  return textTable([head, ...rows])
}

function logLines(log: CampaignResult['log']): string {
  return textTable([['LINES', 'LOG OF THE BROKER'], ...log.slice(0, 25).map(([text, count]) => [String(count), text])])
}

function problemLines({ good, attackers }: CampaignResult): string {
  const wrong = attackers.tallies.flatMap(({ row, name, wrong, wrongCount }) =>
    wrong.map((what) => `WRONG  ${row} ${name} (${wrongCount} times): ${what}`),
  )
  return [...wrong, ...good.failures.slice(0, 10).map((failure) => `FAILED  ${failure}`)].join('\n')
}

function factLines({ good, attackers, measures, backAfterMs, quiet, after }: CampaignResult): string {
  const sum = (of: (tally: Tally) => number) => attackers.tallies.reduce((total, tally) => total + of(tally), 0)
  return [
    `attackers: ${sum((tally) => tally.runs)} attacks, ${sum((tally) => tally.connections)} connections, ${sum((tally) => tally.requests)} requests; at most ${attackers.mostConnections} connections at once; ${attackers.cpuSeconds.toFixed(0)} s of CPU`,
    `good groups: ${good.members} members, ${good.acknowledged} records sent, ${good.copies} copied in transactions, ${good.commits} commits; the oldest answer to a heartbeat was ${good.oldestHeartbeatMs} ms old`,
    `broker: ${((measures.cpu_ms ?? 0) / 1000).toFixed(0)} s of CPU; turns p99 ${measures.turn_p99_ms} ms (CPU ${measures.turn_p99_cpu_ms}), longest ${measures.longest_turn_ms} ms (CPU ${measures.longest_turn_cpu_ms}); waited ${(backAfterMs / 1000).toFixed(1)} s for its memory; RSS after a garbage collection ${after.collectedRssMib - quiet.collectedRssMib} MiB above what it was`,
  ].join('\n')
}

export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, goal, isReached }) => [
    name,
    String(value),
    goal,
    isReached ? 'ok' : 'missed',
  ])
  return textTable([['FIGURE', 'VALUE', 'GOAL', ''], ...rows])
}
