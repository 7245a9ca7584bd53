import assert from 'node:assert/strict'
import { runCampaign } from '../src/index.js'

/** In a process of its own: what the test runner notes of each promise costs a third of a seed's time. */
export async function assertHolds(
  what: string,
  from: number,
  seeds: number,
  choices: 'storms' | object,
): Promise<number> {
  const { failure, rebalances } = await runCampaign({ from, seeds, choices, processes: 1 })
  assert.deepEqual(failure?.outcome.violations ?? [], [], `${what} ${failure?.seed}`)
  return rebalances
}
