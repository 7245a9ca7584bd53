import type { ApiAnswers } from '@rivven/broker'
import { bytes, count, duration, rate, utc } from '../text/format.js'
import { visible } from '../text/visible.js'

export type Finding = ApiAnswers.GroupDiagnosis['findings'][number]
export type NotLookedAt = ApiAnswers.GroupDiagnosis['notLookedAt'][number]
type Evidence = Finding['evidence'][number]

/** A fact that a finding rests on: `oldest record waits 12 min 4 s`. */
export function evidenceText({ text, value, unit }: Evidence): string {
  return visible(`${text} ${typeof value === 'number' ? amount(value, unit) : value}`)
}

function amount(value: number, unit: Evidence['unit']): string {
  switch (unit) {
    case 's':
      return duration(value)
    case 'time':
      return utc(value)
    case 'bytes':
      return bytes(value)
    case 'records':
      return `${count(value)} ${value === 1 ? 'record' : 'records'}`
    case 'records/s':
      return rate(value)
    case '%':
      return `${value} %`
    case null:
      return String(value)
  }
}

/** `1 critical, 2 warnings`; of nothing at all: `Nothing found`. */
export function summary(findings: readonly Pick<Finding, 'severity'>[]): string {
  const words = {
    critical: ['critical', 'critical'],
    warning: ['warning', 'warnings'],
    info: ['note', 'notes'],
  } as const
  const parts = (['critical', 'warning', 'info'] as const).flatMap((severity) => {
    const found = findings.filter((finding) => finding.severity === severity).length
    return found === 0 ? [] : [`${found} ${words[severity][found === 1 ? 0 : 1]}`]
  })
  return parts.length === 0 ? 'Nothing found' : parts.join(', ')
}

/** What tells one finding from another while both come again and again. */
export function keyOfFinding({ check, subject }: Finding): string {
  const { group = '', member = '', topic = '', partition = '' } = subject
  return [check, group, member, topic, partition].join(' ')
}

/** Checks that were not made, by who would know what they need. */
export function byNeed(list: readonly NotLookedAt[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { check, needs } of list) found.set(needs, [...(found.get(needs) ?? []), check])
  return found
}
