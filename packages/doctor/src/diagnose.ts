import { allChecks } from './all-checks.js'
import type { Check } from './check.js'
import { type FactName, type Facts, factSources } from './facts/facts.js'
import { type Finding, type Found, severities } from './finding.js'

/** A check that could not be made. */
export interface NotLookedAt {
  readonly check: string
  /** What it needs, as "Rivven", "two looks" or "telemetry". */
  readonly needs: string
}

export interface Diagnosis {
  /** The worst first. */
  readonly findings: readonly Finding[]
  readonly notLookedAt: readonly NotLookedAt[]
}

/** Why facts are missing that could have been there, as "READ on topic orders". */
export type Absences = Partial<Record<FactName, string>>

/**
 * What is wrong, by all checks whose facts are there: those about a group where the facts name one, else those about the cluster.
 * `now` in milliseconds since 1970.
 */
export function diagnose(facts: Facts, now: number, absences: Absences = {}): Diagnosis {
  const about = facts.group ? 'group' : 'cluster'
  const findings: Finding[] = []
  const notLookedAt: NotLookedAt[] = []
  for (const check of allChecks.filter((each) => each.about === about)) {
    const missing = check.needs.filter((name) => facts[name] === undefined)
    if (missing.length > 0) notLookedAt.push({ check: check.id, needs: needed(missing, absences) })
    else findings.push(...check.run(facts, now).map((found) => completed(check, found, facts)))
  }
  return { findings: worstFirst(findings), notLookedAt }
}

/** Several diagnoses as one: of many groups, and of the cluster. */
export function together(diagnoses: readonly Diagnosis[]): Diagnosis {
  const notLookedAt = new Map(diagnoses.flatMap((one) => one.notLookedAt).map((each) => [each.check, each]))
  return {
    findings: worstFirst(diagnoses.flatMap(({ findings }) => findings)),
    notLookedAt: [...notLookedAt.values()],
  }
}

function needed(missing: readonly FactName[], absences: Absences): string {
  return [...new Set(missing.map((name) => absences[name] ?? factSources[name]))].join(' and ')
}

function completed({ id }: Check, found: Found, { group }: Facts): Finding {
  const { subject, since = null, config = [], commands = [], ...rest } = found
  const whole = group ? { group: group.groupId, ...subject } : { ...subject }
  return { check: id, ...rest, subject: whole, since, config, commands, docs: `docs/doctor.md#${id}` }
}

/** Among equals the order of the checks stays. */
function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity))
}
