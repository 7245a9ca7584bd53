// A process of a campaign: runs the seeds it is told, one after the other, and tells what came of them.
import { makePlan, makeStorm, type PlanChoices } from '../plan/make-plan.js'
import type { Plan } from '../plan/plan.js'
import { loadModules } from './load-modules.js'
import { type Outcome, runPlan } from './run-plan.js'
import { shrink } from './shrink.js'

export type Task =
  | { readonly kind: 'seeds'; readonly from: number; readonly count: number; readonly choices: PlanChoices | 'storms' }
  | { readonly kind: 'shrink'; readonly plan: Plan; readonly invariant: string }

export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ran'; readonly seed: number; readonly outcome: Outcome }
  | { readonly kind: 'done' }
  | { readonly kind: 'shrunk'; readonly plan: Plan }

function tell(report: Report): void {
  process.send?.(report)
}

async function perform(task: Task): Promise<void> {
  if (task.kind === 'shrink') {
    tell({ kind: 'shrunk', plan: await shrink(task.plan, task.invariant, (plan) => runPlan(plan)) })
    return
  }
  for (let seed = task.from; seed < task.from + task.count; seed++) {
    const { choices } = task
    const outcome = await runPlan(choices === 'storms' ? makeStorm(seed) : makePlan(seed, choices))
    tell({ kind: 'ran', seed, outcome })
    if (outcome.violations.length > 0) break
  }
  tell({ kind: 'done' })
}

// Whoever asked is gone.
process.on('disconnect', () => process.exit())
process.on('message', (task: Task) => void perform(task))
// Where an error comes from is shown by the run that traces it.
Error.stackTraceLimit = 0
await loadModules()
tell({ kind: 'ready' })
