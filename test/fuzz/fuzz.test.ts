import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCampaign } from './harness/campaign.js'
import { faultText, tallyTable } from './harness/report.js'
import { allTargets } from './targets/all-targets.js'

const names = (await allTargets()).map(({ name }) => name)

/** The same inputs in every run. */
const SEED = 20_261_130
const fresh = Math.floor(Math.random() * 2 ** 32)

async function findsNothing(options: { seed: number; inputs?: number; ms: number }): Promise<void> {
  const tally = await runCampaign({ targets: names, ...options })
  const faults = [...tally.values()].flatMap((one) => one.faults)
  console.log(tallyTable(tally))
  assert.deepEqual(faults.map(faultText).join('\n'), '')
}

test('200 inputs for every parser that bytes from outside reach find nothing', () =>
  findsNothing({ seed: SEED, inputs: 200, ms: 120_000 }))

test(`nor do 45 seconds of others, from seed ${fresh}`, () => findsNothing({ seed: fresh, ms: 45_000 }))
