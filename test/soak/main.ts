// `npm run soak -- --minutes 60`: many groups whose members come and go, and what grows meanwhile. `--groups`, `--members` (of each),
// `--rebalances` (an hour) and `--seed` say how many and which; `--json` prints one object. Exit status: 0 all figures are reached,
// 1 some are missed, 2 it could not be run.
import { parseArgs } from 'node:util'
import { figuresOf } from './figures.js'
import { reportOf } from './report.js'
import { runSoak } from './soak.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    groups: { type: 'string', default: '200' },
    members: { type: 'string', default: '2' },
    rebalances: { type: 'string', default: '1200' },
    seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1e9)) },
    json: { type: 'boolean', default: false },
  },
})

function number(name: Exclude<keyof typeof values, 'json'>): number {
  const value = Number(values[name])
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} must be a number above 0, not ${values[name]}.`)
}

async function run(): Promise<number> {
  const startedAt = performance.now()
  const say = (text: string) =>
    console.error(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`)
  const minutes = number('minutes')
  const options = {
    minutes,
    // Of an hour the first ten minutes, of less as much of it.
    warmUpMinutes: Math.min(10, minutes / 6),
    seed: number('seed'),
    groups: number('groups'),
    members: number('members'),
    // One goes and one comes: that are two.
    changesPerHour: number('rebalances') / 2,
    recordsPerSecond: 5,
    // Longer than a request may take.
    restMs: 35_000,
  }
  say(`seed ${options.seed}: ${minutes} min, ${options.groups} groups of ${options.members}`)
  const outcome = await runSoak({ ...options, say })
  const figures = figuresOf(outcome)
  console.log(values.json ? JSON.stringify({ ...options, figures, ...outcome }) : reportOf(outcome, figures))
  return figures.every(({ isReached }) => isReached) ? 0 : 1
}

run().then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(error.message)
    process.exit(2)
  },
)
