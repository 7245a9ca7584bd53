import type { FactName, Facts } from './facts/facts.js'
import type { Found } from './finding.js'

/** Facts of which some are there. */
export type Known<Needed extends FactName> = Facts & Required<Pick<Facts, Needed>>

export interface Check {
  /** As one ignores it, and looks it up. */
  readonly id: string
  /** Whether it is about one group, or about the brokers and what is stored there. */
  readonly about: 'group' | 'cluster'
  /** Without one of these facts it cannot be looked at. Facts that only add evidence are not among them. */
  readonly needs: readonly FactName[]
  readonly run: (facts: Facts, now: number) => readonly Found[]
}

interface Rule<Needed extends FactName> extends Omit<Check, 'needs' | 'run'> {
  readonly needs: readonly Needed[]
  /** `now` in milliseconds since 1970. */
  readonly run: (facts: Known<Needed>, now: number) => readonly Found[]
}

/** A rule sees the facts that it needs as being there: `diagnose` runs it only then. */
export function check<Needed extends FactName>(rule: Rule<Needed>): Check {
  return { ...rule, run: (facts, now) => rule.run(facts as Known<Needed>, now) }
}
