import type { SeededRandom } from '../world/seeded-random.js'
import { type FaultKind, type FaultPlan, faultKinds } from './plan.js'

export const memberHosts = ['billing-0', 'billing-1', 'billing-2', 'billing-3', 'audit-0', 'audit-1']

/** Those are planned along with what they strike. */
const ofResets: ReadonlySet<FaultKind> = new Set(['kill while offsets are reset'])

export const faultsOfGroups = faultKinds.filter(
  (kind) => kind !== 'kill while a transaction ends' && !ofResets.has(kind),
)

/** The moment in which a transaction ends is short, and so is here twice. */
export const faultsOfCopies = [
  ...faultKinds.filter((kind) => kind !== 'member dies in a rebalance' && !ofResets.has(kind)),
  'kill while a transaction ends' as const,
]

interface FaultChoices {
  readonly kinds: readonly FaultKind[]
  readonly hosts: readonly string[]
}

export function faultPlans(random: SeededRandom, activeMs: number, choices: FaultChoices): FaultPlan[] {
  const { hosts } = choices
  // Few plans have one, and no more than one.
  const kinds = choices.kinds.filter((kind) => kind !== 'bit flip')
  if (kinds.length === 0 || random.chance(0.1)) return []
  const count = 1 + random.below(5)
  const faults = Array.from({ length: count }, (): FaultPlan => {
    return {
      at: random.between(200, activeMs),
      kind: random.pick(kinds),
      host: random.pick(hosts),
      durationMs: random.between(20, 2_500),
      seed: random.below(2 ** 31),
    }
  })
  return faults.sort((a, b) => a.at - b.at)
}
