import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allChecks } from '../src/all-checks.js'
import type { Check } from '../src/check.js'
import { diagnose } from '../src/diagnose.js'
import { type FactName, type Facts, factSources } from '../src/facts/facts.js'
import type { Finding } from '../src/finding.js'
import { healthy, healthyCluster, now } from './facts.js'

/** What is said of a finding; evidence by its text, commands and config lines as they are. */
interface Expected extends Partial<Pick<Finding, 'severity' | 'subject' | 'since' | 'title' | 'commands'>> {
  readonly evidence?: Readonly<Record<string, number | string>>
  /** `key: suggested` of each line. */
  readonly config?: readonly string[]
}

export interface CheckTable {
  /** What is different from facts in which all is well, and what is found then: one, or several. */
  readonly fires: Readonly<Record<string, readonly [more: Partial<Facts>, ...found: Expected[]]>>
  /** What comes close to it, and is not found. */
  readonly quiet: Readonly<Record<string, Partial<Facts>>>
}

/** Checks that have a table. */
export const tested = new Set<Check>()

/** The table of a check: when it fires, when it just does not, and that it tells what it needs where a fact is missing. */
export function testCheck(check: Check, { fires, quiet }: CheckTable): void {
  tested.add(check)
  const well = check.about === 'group' ? healthy() : healthyCluster()
  const found = (facts: Facts) => diagnose(facts, now).findings.filter((finding) => finding.check === check.id)

  describe(check.id, () => {
    test('is one of the checks, and is quiet where all is well', () => {
      assert.ok(allChecks.includes(check))
      for (const need of check.needs) assert.notEqual(well[need], undefined, `healthy() lacks ${need}`)
      assert.deepEqual(found(well), [])
    })
    for (const [name, [more, ...expected]] of Object.entries(fires)) {
      test(`fires: ${name}`, () => {
        const findings = found({ ...well, ...more })
        assert.equal(findings.length, expected.length, JSON.stringify(findings, null, 2))
        for (const [at, each] of expected.entries()) assertLike(findings[at]!, each)
      })
    }
    for (const [name, more] of Object.entries(quiet)) {
      test(`does not: ${name}`, () => assert.deepEqual(found({ ...well, ...more }), []))
    }
    const [first] = Object.values(fires)
    for (const need of check.needs.filter((each) => each !== 'group')) {
      test(`needs ${need}`, () => assertNeeded(check, { ...well, ...first?.[0] }, need))
    }
  })
}

function assertLike(finding: Finding, { evidence, config, ...expected }: Expected): void {
  const told: Record<string, unknown> = { ...finding }
  for (const [field, value] of Object.entries(expected)) assert.deepEqual(told[field], value, field)
  const known = Object.fromEntries(finding.evidence.map(({ text, value }) => [text, value]))
  for (const [text, value] of Object.entries(evidence ?? {})) assert.deepEqual(known[text], value, text)
  if (config)
    assert.deepEqual(
      finding.config.map(({ key, suggested }) => `${key}: ${suggested}`),
      config,
    )
  assert.ok(finding.remedy.length > 0 && finding.evidence.length > 0)
}

function assertNeeded(check: Check, facts: Facts, need: FactName): void {
  const { findings, notLookedAt } = diagnose({ ...facts, [need]: undefined }, now)
  assert.deepEqual(
    findings.filter((finding) => finding.check === check.id),
    [],
  )
  const told = notLookedAt.find((each) => each.check === check.id)
  assert.equal(told?.needs, factSources[need])
}
