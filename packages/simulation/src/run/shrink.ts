import type { Plan } from '../plan/plan.js'
import type { Outcome } from './run-plan.js'

export type RunOne = (plan: Plan) => Promise<Outcome>

/** Makes a failing plan smaller as long as it breaks the same invariant: fewer faults, fewer actors, fewer habits, less time. */
export async function shrink(plan: Plan, invariant: string, run: RunOne): Promise<Plan> {
  let smallest = plan
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false
    for (const candidate of smallerPlans(smallest)) {
      if (!(await stillFails(candidate, invariant, run))) continue
      smallest = candidate
      isSmaller = true
      break
    }
  }
  return smallest
}

async function stillFails(plan: Plan, invariant: string, run: RunOne): Promise<boolean> {
  const { violations } = await run(plan)
  return violations.some((violation) => violation.invariant === invariant)
}

/** From the boldest step to the smallest. */
function* smallerPlans(plan: Plan): Generator<Plan> {
  if (plan.faults.length > 1) yield { ...plan, faults: [] }
  for (const index of plan.actors.keys()) yield { ...plan, actors: without(plan.actors, index) }
  for (const index of plan.faults.keys()) yield { ...plan, faults: without(plan.faults, index) }
  if (plan.cluster?.joinsAt !== undefined) yield { ...plan, cluster: { brokers: plan.cluster.brokers } }
  if (plan.activeMs > 500) yield { ...plan, activeMs: plan.activeMs * 0.7 }
  for (const [index, actor] of plan.actors.entries()) {
    if (actor.kind !== 'member') continue
    for (const at of actor.habits.keys()) {
      yield { ...plan, actors: plan.actors.with(index, { ...actor, habits: without(actor.habits, at) }) }
    }
  }
}

function without<T>(all: readonly T[], index: number): T[] {
  return all.filter((_, at) => at !== index)
}
