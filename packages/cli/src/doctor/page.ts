import { type Evidence, type Finding, lineText, type NotLookedAt, type Subject, severities } from '@rivven/doctor'
import type { GlobalOptions } from '../settings/global-options.js'
import { atSameCluster } from '../settings/where-flags.js'
import { durationText, timeText } from '../text/durations.js'
import { type Column, printable, type Row } from '../text/output.js'
import { counted, listed, wrapped } from '../text/words.js'
import type { Examined } from './examined.js'

const fields = ['severity', 'check', 'group', 'member', 'topic', 'partition', 'since', 'title', 'remedy', 'docs']
export const findingColumns: readonly Column[] = fields.map((field) => ({ field, title: field }))

/** For programs that read rows. */
export function findingRow({ severity, check, subject, since, title, remedy, docs }: Finding): Row {
  const { group = null, member = null, topic = null, partition = null } = subject
  return { severity, check, group, member, topic, partition, since, title, remedy, docs }
}

/** With the flags that lead to the cluster that was looked at, in each command. */
export function typedAtSameCluster({ findings, ...examined }: Examined, cluster: GlobalOptions): Examined {
  const typed = (command: string) => atSameCluster(command, cluster)
  return { ...examined, findings: findings.map((finding) => ({ ...finding, commands: finding.commands.map(typed) })) }
}

/** What somebody on call reads: how bad it is, of what, why, and what to type. */
export function pageText(
  { findings, notLookedAt, groups }: Examined,
  now: number,
  { wide }: { wide: boolean },
): string {
  const parts = [
    [`${summary(findings)} in ${counted(groups, 'group')}.`],
    ...findings.map((finding) => findingLines(finding, now)),
    ...(notLookedAt.length > 0 ? [restLines(notLookedAt, wide)] : []),
  ]
  // Names are any client's words: none of them makes a line of its own.
  return `${parts.map((lines) => lines.map(printable).join('\n')).join('\n\n')}\n`
}

/** `1 critical finding, 2 warnings` */
export function summary(findings: readonly Finding[]): string {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [counted(count, names[severity])]
  })
  return counts.length === 0 ? 'Nothing found' : listed(counts)
}

const names = { critical: 'critical finding', warning: 'warning', info: 'note' }
const marks = { critical: 'CRITICAL', warning: 'WARNING', info: 'note' }
const indent = ' '.repeat(10)
const width = 110

function findingLines(finding: Finding, now: number): string[] {
  const { severity, subject, since, title, evidence, remedy, config, commands, check } = finding
  const [first, ...more] = wrapped(`${whose(subject)}${title}`, width)
  const facts = [
    ...(since === null ? [] : [`since ${timeText(since)} (${durationText(now - since)})`]),
    ...evidence.map(factText),
  ]
  return [
    `${marks[severity].padEnd(indent.length)}${first}`,
    ...[...more, ...inLines(facts, ' · '), ...wrapped(remedy, width)].map((line) => `${indent}${line}`),
    ...config.map(
      (line) => `${indent}${line.file}  ${lineText(line)}${line.now === null ? '' : `  (now ${line.now})`}`,
    ),
    ...commands.map((command) => `${indent}$ ${command}`),
    `${indent}[${check}]`,
  ]
}

/** Facts one after the other, none of them broken where a line ends. */
function inLines(facts: readonly string[], between: string): string[] {
  const lines: string[] = []
  for (const fact of facts) {
    const line = lines.at(-1)
    if (line === undefined || line.length + between.length + fact.length > width) lines.push(fact)
    else lines[lines.length - 1] = `${line}${between}${fact}`
  }
  return lines
}

function whose({ group, member }: Subject): string {
  if (group === undefined) return ''
  return member === undefined ? `${group}: ` : `${group}, ${member}: `
}

function factText({ text, value, unit }: Evidence): string {
  return `${text} ${typeof value === 'number' ? amount(value, unit) : value}`
}

function amount(value: number, unit: Evidence['unit']): string {
  switch (unit) {
    case 's':
      return durationText(value * 1_000)
    case 'time':
      return timeText(value)
    case 'records':
      return counted(value, 'record')
    case null:
      return `${value}`
    default:
      return `${value} ${unit}`
  }
}

function restLines(notLookedAt: readonly NotLookedAt[], wide: boolean): string[] {
  const byNeed = new Map<string, string[]>()
  for (const { check, needs } of notLookedAt) byNeed.set(needs, [...(byNeed.get(needs) ?? []), check])
  const parts = [...byNeed].map(
    ([needs, checks]) => `${wide ? checks.join(', ') : counted(checks.length, 'check')} (needs ${needs})`,
  )
  return wrapped(`Not looked at: ${parts.join('; ')}.${wide ? '' : ' -o wide names them.'}`, width + indent.length)
}
