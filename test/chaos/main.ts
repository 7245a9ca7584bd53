// `npm run chaos -- --seconds 75 --brokers 3 --seed N`: real brokers, killed, held, ended and started again under producers,
// groups and transactions, all of which is checked. `--storage files`: one broker on files. `--retention-ms` for runs of hours.
// Exit status: 0 nothing that must not be was seen, 1 something was, 2 the campaign could not be run.
import { parseArgs } from 'node:util'
import { byTheClock, runCampaign } from './campaign.js'
import { planFaults } from './faults/plan.js'
import { reportOf } from './report.js'
import { worldOnFiles } from './world/on-files.js'
import { worldOnPair } from './world/on-postgres.js'

function optionsOf() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '75' },
      brokers: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1e9)) },
      storage: { type: 'string', default: 'postgres' },
      'retention-ms': { type: 'string' },
    },
  })
  const number = (name: 'seconds' | 'brokers' | 'seed' | 'retention-ms', text = '') => {
    const value = Number(text)
    if (Number.isSafeInteger(value) && value > 0) return value
    throw new Error(`--${name} must be a whole number above 0, not ${text}.`)
  }
  const { storage, 'retention-ms': retention } = values
  if (storage !== 'files' && storage !== 'postgres') throw new Error(`--storage is files or postgres, not ${storage}.`)
  return {
    seconds: number('seconds', values.seconds),
    brokers: storage === 'files' ? 1 : number('brokers', values.brokers),
    seed: number('seed', values.seed),
    storage,
    retentionMs: retention === undefined ? null : number('retention-ms', retention),
  }
}

async function run(): Promise<number> {
  const { seconds, brokers, seed, storage, retentionMs } = optionsOf()
  const startedAt = performance.now()
  const say = (text: string) =>
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`)
  say(`seed ${seed}: ${brokers} brokers, ${seconds} s`)
  const world = storage === 'files' ? await worldOnFiles() : await worldOnPair(brokers)
  if (typeof world === 'string') throw new Error(`There is no PostgreSQL here: ${world}`)
  let keepLogs = true
  process.once('SIGINT', () => void world.close({ keepLogs: false }).then(() => process.exit(130)))
  try {
    const size = { partitions: 6, writers: 2, copiers: 4, pauseMs: 5, sessionTimeoutMs: 10_000, retentionMs }
    const hasDatabase = world.database !== null
    const hasStandby = world.database?.failOver != null
    const faults = planFaults({ seconds, brokers, copiers: size.copiers, hasDatabase, hasStandby, seed })
    const plot = byTheClock(faults, seconds * 1000)
    // Of an hour every quarter.
    const sizesEveryMs = (seconds * 1000) / 4
    const result = await runCampaign({ world, size, plot, patienceMs: 60_000, sizesEveryMs, say })
    console.log(`\n${reportOf(result)}`)
    keepLogs = result.violations.count > 0
    return result.violations.count > 0 ? 1 : 0
  } finally {
    if (keepLogs) console.log(`What the brokers said: ${world.logs}`)
    await world.close({ keepLogs })
  }
}

run().then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(error.message)
    process.exit(2)
  },
)
