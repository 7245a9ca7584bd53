import { parseArgs } from 'node:util'
import { runCampaign, type Tally } from './harness/campaign.js'
import { faultText, tallyTable } from './harness/report.js'
import type { FoundFault } from './harness/slice.js'
import { allTargets } from './targets/all-targets.js'

const usage = `Usage: npm run fuzz -- [--minutes N] [--inputs N] [--seed S] [--target WORD]... [--long]
  --minutes N    how long; fractions are fine. Default 1, or without end where --inputs is given
  --inputs N     ends when every target had so many inputs
  --seed S       what all follows from; default: another one each time, and printed
  --target WORD  only targets with WORD in their name; may be said again
  --long         a line of the table for every target
`
const SHOWN_EVERY_MS = 60_000

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      inputs: { type: 'string' },
      seed: { type: 'string' },
      target: { type: 'string', multiple: true, default: [] },
      long: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : numberOf(values.seed, '--seed')
  const inputs = values.inputs === undefined ? undefined : numberOf(values.inputs, '--inputs')
  const minutes =
    values.minutes === undefined ? (inputs ? Number.POSITIVE_INFINITY : 1) : numberOf(values.minutes, '--minutes')
  const targets = await namesOf(values.target)
  process.stdout.write(`seed ${seed}, ${targets.length} targets\n`)
  const found = (fault: FoundFault) => process.stdout.write(`${faultText(fault)}\n`)
  const tally = await runCampaign({
    targets,
    seed,
    ms: minutes * 60_000,
    ...(inputs && { inputs }),
    ran: teller(),
    found,
  })
  process.stdout.write(`\n${tallyTable(tally, values.long)}\n`)
  return [...tally.values()].some(({ faults }) => faults.length > 0) ? 1 : 0
}

async function namesOf(words: readonly string[]): Promise<string[]> {
  const names = (await allTargets()).map(({ name }) => name)
  const found = names.filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  if (found.length === 0) throw new UsageError(`No target has ${words.join(' or ')} in its name.`)
  return found
}

/** Says how far it is, each minute. */
function teller(): (tally: Tally) => void {
  let shownAt = performance.now()
  return (tally) => {
    if (performance.now() - shownAt < SHOWN_EVERY_MS) return
    shownAt = performance.now()
    const inputs = [...tally.values()].reduce((sum, one) => sum + one.inputs, 0)
    process.stdout.write(`${inputs} inputs\n`)
  }
}

function numberOf(text: string, flag: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UsageError(`${flag} takes a number, not "${text}".`)
  return Number(text)
}

class UsageError extends Error {}

main().then(
  (status) => process.exit(status),
  (error) => {
    const isUsage = error instanceof UsageError || String(error.code).startsWith('ERR_PARSE_ARGS')
    process.stderr.write(`${isUsage ? `${error.message}\n${usage}` : error.stack}\n`)
    process.exit(2)
  },
)
