// The groups of the soak, in a process of their own: `start` with the job, `rest`, `open`, `goOn`, `finish`; told by messages.
import type { Open } from '../../hostile/measured-broker.js'
import { SoakGroups, type SoakJob } from './soak-groups.js'

declare global {
  /** support/open-things.cjs */
  function openThings(): Open
}

let groups: SoakGroups

const steps: Readonly<Record<string, (job: SoakJob) => unknown>> = {
  start: (job) => {
    groups = new SoakGroups(job)
    return groups.start()
  },
  rest: () => groups.rest(),
  open: () => openThings(),
  goOn: () => groups.goOn(),
  finish: () => groups.finish(),
}

process.on('message', async ({ step, job }: { step: string; job: SoakJob }) => {
  try {
    process.send!({ answer: (await steps[step]!(job)) ?? null })
  } catch (error) {
    process.send!({ error: error instanceof Error ? error.stack : String(error) })
  }
})
process.once('disconnect', () => process.exit(0))
