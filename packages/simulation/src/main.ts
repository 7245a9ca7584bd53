import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { huntMutants } from './mutants/hunt.js'
import { makePlan, type PlanChoices } from './plan/make-plan.js'
import { allFaultKinds, type FaultKind, type Plan } from './plan/plan.js'
import { type CampaignResult, runCampaign, shrinkInProcess, type Tally } from './run/campaign.js'
import { loadModules } from './run/load-modules.js'
import { runPlan } from './run/run-plan.js'

const usage = `Usage: npm run simulate -- [--seeds N] [--from S] [--faults KIND,KIND] [--brokers N] [--processes N]
       npm run simulate -- --seed S [--brokers N] [--trace]
       npm run simulate -- --plan FILE [--trace]
       npm run simulate -- --mutants [NAME...] [--seeds N]
Faults: ${allFaultKinds.join(', ')}; none for none.
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      plan: { type: 'string' },
      faults: { type: 'string' },
      brokers: { type: 'string' },
      processes: { type: 'string', default: String(availableParallelism()) },
      trace: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const brokers = values.brokers === undefined ? {} : { brokers: wholeNumber(values.brokers, '--brokers') }
  const choices = { ...choicesOf(values.faults), ...brokers }
  if (values.plan !== undefined) return runOne(await planFrom(values.plan), values.trace)
  if (values.seed !== undefined) return runOne(makePlan(wholeNumber(values.seed, '--seed'), choices), values.trace)
  const range = {
    from: wholeNumber(values.from, '--from'),
    seeds: wholeNumber(values.seeds, '--seeds'),
    processes: wholeNumber(values.processes, '--processes'),
  }
  return values.mutants ? hunt(positionals, range, choices) : campaign({ ...range, choices })
}

function choicesOf(faults: string | undefined): PlanChoices {
  if (faults === undefined) return {}
  const kinds = faults === 'none' ? [] : faults.split(',').map((kind) => kind.trim())
  const unknown = kinds.find((kind) => !allFaultKinds.includes(kind as FaultKind))
  if (unknown !== undefined)
    throw new UsageError(`There is no fault "${unknown}". There are: ${allFaultKinds.join(', ')}.`)
  return { faults: kinds as FaultKind[] }
}

/** Runs one plan twice: the second run shows whether it is the same. */
async function runOne(plan: Plan, isTraced: boolean): Promise<number> {
  await loadModules()
  const outcome = await runPlan(plan, isTraced ? (line) => process.stdout.write(`${line}\n`) : undefined)
  const again = await runPlan(plan)
  process.stdout.write(
    `seed ${plan.seed}: trace ${outcome.traceHash}, ${(outcome.simulatedMs / 1000).toFixed(1)} s simulated\n`,
  )
  if (again.traceHash !== outcome.traceHash) {
    process.stdout.write(`A second run has trace ${again.traceHash}: something is not under control.\n`)
    return 1
  }
  for (const { invariant, what, at } of outcome.violations) {
    process.stdout.write(`invariant ${invariant} at ${at.toFixed(0)} ms: ${what}\n`)
  }
  return outcome.violations.length > 0 ? 1 : 0
}

async function campaign(options: {
  from: number
  seeds: number
  processes: number
  choices: PlanChoices
}): Promise<number> {
  const began = performance.now()
  let shownAt = began
  const ran = (tally: Tally) => {
    if (performance.now() - shownAt < 10_000) return
    shownAt = performance.now()
    process.stdout.write(`${tallyText(tally, performance.now() - began)}\n`)
  }
  const result = await runCampaign({ ...options, ran })
  process.stdout.write(`${tallyText(result, performance.now() - began)}\n`)
  if (!result.failure) return 0
  await showFailure(result.failure, options.choices)
  return 1
}

async function showFailure(
  { seed, outcome }: NonNullable<CampaignResult['failure']>,
  choices: PlanChoices,
): Promise<void> {
  const first = outcome.violations[0]!
  process.stdout.write(
    `\nSeed ${seed} breaks invariant ${first.invariant}: ${first.what}\nLooking for a smaller plan ...\n`,
  )
  const plan = await shrinkInProcess(makePlan(seed, choices), first.invariant)
  process.stdout.write(`${JSON.stringify(plan, null, 1)}\n`)
  const brokers = choices.brokers === undefined ? '' : `--brokers ${choices.brokers} `
  process.stdout.write(`All of it: npm run simulate -- --seed ${seed} ${brokers}--trace\n`)
}

async function hunt(
  names: readonly string[],
  range: { from: number; seeds: number; processes: number },
  choices: PlanChoices,
): Promise<number> {
  process.stdout.write('| mutant | seeds | invariant | seen as |\n| --- | --- | --- | --- |\n')
  const hunted = await huntMutants(names, {
    ...range,
    choices,
    told: ({ mutant, seeds, invariant, what }) => {
      const name = mutant.jepsen ? `${mutant.name} (Jepsen)` : mutant.name
      process.stdout.write(
        `| ${name} | ${seeds ?? 'survived'} | ${invariant ?? ''} | ${(what ?? '').split('\n')[0]} |\n`,
      )
    },
  })
  const survivors = hunted.filter(({ seeds }) => seeds === undefined)
  const found = hunted.length - survivors.length
  process.stdout.write(`\n${found} of ${hunted.length} found within ${range.seeds} seeds.\n`)
  const mayPass = found >= 0.95 * hunted.length && survivors.every(({ mutant }) => !mutant.jepsen)
  return mayPass ? 0 : 1
}

function tallyText({ seeds, rebalances, simulatedMs }: Tally, tookMs: number): string {
  const perMinute = (simulatedMs / 3_600_000 / (tookMs / 60_000)).toFixed(1)
  return `${seeds} seeds, ${rebalances} rebalances, ${(tookMs / 1000).toFixed(0)} s, ${perMinute} simulated hours a minute`
}

async function planFrom(path: string): Promise<Plan> {
  const { nodeDisk } = await import('@rivven/runtime')
  return JSON.parse((await nodeDisk.readFile(path)).toString('utf8')) as Plan
}

function wholeNumber(text: string, flag: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${flag} takes a whole number, not "${text}".`)
  return Number(text)
}

class UsageError extends Error {}

main().then(
  (status) => process.exit(status),
  (error) => {
    process.stderr.write(`${error instanceof UsageError ? `${error.message}\n${usage}` : error.stack}\n`)
    process.exit(2)
  },
)
