import { type ChildProcess, fork } from 'node:child_process'
import type { PlanChoices } from '../plan/make-plan.js'
import type { Plan } from '../plan/plan.js'
import type { Outcome } from './run-plan.js'
import type { Report, Task } from './seed-worker.js'

export interface CampaignOptions {
  readonly from: number
  readonly seeds: number
  /** Of plans; or they are storms. */
  readonly choices: PlanChoices | 'storms'
  readonly processes: number
  /** Name of a bug that is put into the product. */
  readonly mutant?: string
  /** Called after each seed. */
  readonly ran?: (tally: Tally) => void
}

/** What a campaign has seen so far. */
export interface Tally {
  seeds: number
  rebalances: number
  simulatedMs: number
}

export interface CampaignResult extends Tally {
  /** The first seed (of those that ran) that failed. */
  readonly failure: { readonly seed: number; readonly outcome: Outcome } | undefined
}

/** Seeds that a process runs before it asks for more: few, so that a failure stops all soon. */
const seedsAtOnce = 20

/** Cheaper compilation and fewer collections: a fifth less time for a seed. */
const forThroughput = ['--maglev', '--max-semi-space-size=16']

/** Runs seeds in several processes until all are done or one fails. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const tally: Tally = { seeds: 0, rebalances: 0, simulatedMs: 0 }
  const end = options.from + options.seeds
  let next = options.from
  let failure: CampaignResult['failure']
  const workers = Array.from({ length: Math.max(1, options.processes) }, () => startWorker(options.mutant))
  const work = workers.map((worker) =>
    conversation(worker, (report): Task | undefined => {
      if (report.kind === 'ran') {
        tally.seeds++
        tally.rebalances += report.outcome.rebalances
        tally.simulatedMs += report.outcome.simulatedMs
        options.ran?.(tally)
        if (report.outcome.violations.length > 0 && report.seed < (failure?.seed ?? Number.POSITIVE_INFINITY)) {
          failure = { seed: report.seed, outcome: report.outcome }
        }
        return undefined
      }
      if (failure || next >= end) return stop(worker)
      const from = next
      next = Math.min(end, next + seedsAtOnce)
      return { kind: 'seeds', from, count: next - from, choices: options.choices }
    }),
  )
  await Promise.all(work)
  return { ...tally, failure }
}

/** Makes a failing plan smaller, in a process of its own. */
export async function shrinkInProcess(plan: Plan, invariant: string, mutant?: string): Promise<Plan> {
  const worker = startWorker(mutant)
  let smallest = plan
  await conversation(worker, (report) => {
    if (report.kind === 'ready') return { kind: 'shrink', plan, invariant }
    if (report.kind === 'shrunk') smallest = report.plan
    return stop(worker)
  })
  return smallest
}

function startWorker(mutant: string | undefined): ChildProcess {
  const module = new URL('./seed-worker.js', import.meta.url)
  if (mutant === undefined) return fork(module, { execArgv: [...forThroughput] })
  const hooks = new URL('../mutants/register.js', import.meta.url).href
  const env = { ...process.env, RIVVEN_MUTANT: mutant }
  return fork(module, { execArgv: [...forThroughput, '--import', hooks], env })
}

/** Answers what a process tells with its next task, until it ends. */
function conversation(worker: ChildProcess, answer: (report: Report) => Task | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (report: Report) => {
      const task = answer(report)
      if (task) worker.send(task)
    })
    worker.once('error', reject)
    worker.once('exit', (code, signal) => {
      if (code === 0 || signal === 'SIGTERM') resolve()
      else reject(new Error(`A process of the campaign ended with ${code ?? signal}.`))
    })
  })
}

function stop(worker: ChildProcess): undefined {
  worker.kill()
  return undefined
}
