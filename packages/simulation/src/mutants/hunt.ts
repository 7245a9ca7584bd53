import type { PlanChoices } from '../plan/make-plan.js'
import { runCampaign } from '../run/campaign.js'
import { allMutants, brokersFor, plantedMutants } from './all-mutants.js'
import type { Mutant } from './mutant.js'

export interface Hunted {
  readonly mutant: Mutant
  /** Seeds that it took; undefined: it survived. */
  readonly seeds: number | undefined
  readonly invariant: string | undefined
  readonly what: string | undefined
}

/** Puts each bug into the product and looks how many seeds it takes until the oracle sees it. */
export async function huntMutants(
  names: readonly string[],
  options: {
    readonly from: number
    readonly seeds: number
    readonly processes: number
    readonly choices: PlanChoices
    readonly told: (hunted: Hunted) => void
  },
): Promise<Hunted[]> {
  const unknown = names.find((name) => !allMutants.some((mutant) => mutant.name === name))
  if (unknown !== undefined) throw new Error(`There is no mutant ${unknown}.`)
  const wanted = names.length === 0 ? plantedMutants : allMutants.filter(({ name }) => names.includes(name))
  const hunted: Hunted[] = []
  for (const mutant of wanted) {
    const choices = { brokers: brokersFor(mutant), ...options.choices }
    const { failure } = await runCampaign({ ...options, choices, mutant: mutant.name })
    const violation = failure?.outcome.violations[0]
    const result = {
      mutant,
      seeds: failure && failure.seed - options.from + 1,
      invariant: violation?.invariant,
      what: violation?.what,
    }
    hunted.push(result)
    options.told(result)
  }
  return hunted
}
