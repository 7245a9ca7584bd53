import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCampaign } from './harness/campaign.js'
import { faultText, tallyTable } from './harness/report.js'
import { allTargets } from './targets/all-targets.js'

const names = (await allTargets()).map(({ name }) => name)

/** The same inputs in every run: a change is judged by what it changes. Others are for `npm run fuzz`. */
const SEEDS = [20_261_129, 20_261_130]
/** One slice of each target: how many follow is a matter of time. */
const INPUTS = 250

for (const seed of SEEDS) {
  test(`${INPUTS} inputs for every parser that bytes from outside reach find nothing, from seed ${seed}`, async () => {
    const tally = await runCampaign({ targets: names, seed, inputs: INPUTS })
    console.log(tallyTable(tally))
    const faults = [...tally.values()].flatMap((one) => one.faults)
    assert.deepEqual(faults.map(faultText).join('\n'), '')
    for (const [name, { inputs }] of tally) assert.equal(inputs, INPUTS, name)
  })
}
