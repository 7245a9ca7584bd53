// `npm run hostile -- --minutes 10`: attackers of all kinds beside good groups, with figures. `--seed N` plays the same attacks
// again, `--only WORD` keeps those with WORD in their row or name, `--without WORD` leaves them out, `--json` prints one object. Exit status: 0 all figures are
// reached, 1 some are missed, 2 the campaign could not be run.
import { parseArgs } from 'node:util'
import { runCampaign } from './campaign.js'
import { figuresOf } from './figures.js'
import { reportOf } from './report.js'

const number = (text: string, name: string) => {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} must be a number above 0, not ${text}.`)
}

function optionsOf() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1e9)) },
      only: { type: 'string', default: '' },
      without: { type: 'string' },
      connections: { type: 'string', default: '1000' },
      pace: { type: 'string', default: '50' },
      json: { type: 'boolean', default: false },
    },
  })
  return {
    minutes: number(values.minutes, 'minutes'),
    seed: number(values.seed, 'seed'),
    connections: number(values.connections, 'connections'),
    pace: number(values.pace, 'pace'),
    only: values.only,
    without: values.without ?? null,
    isJson: values.json,
  }
}

async function run(): Promise<number> {
  const { isJson, ...options } = optionsOf()
  const startedAt = performance.now()
  const say = (text: string) =>
    console.error(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`)
  const { minutes, seed, connections, pace } = options
  say(
    `seed ${seed}: ${minutes} min, ${pace} attacks begin in a second, ${connections} connections at most, all at nice 10`,
  )
  const result = await runCampaign({
    ...options,
    sessionTimeoutMs: 10_000,
    recordsPerSecond: 20,
    waitsFor: 'rssMib',
    say,
  })
  const figures = figuresOf(result)
  console.log(isJson ? JSON.stringify({ ...options, figures, ...result }) : reportOf(result, figures))
  return figures.every(({ isReached }) => isReached) ? 0 : 1
}

run().then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(error.message)
    process.exit(2)
  },
)
