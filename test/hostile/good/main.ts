// The good groups, in a process of their own: `start` with the job, `finish`; told by messages.
import { type GoodJob, goodGroups } from './good-groups.js'

let groups: ReturnType<typeof goodGroups>

const steps: Readonly<Record<string, (job: GoodJob) => Promise<unknown>>> = {
  start: async (job) => {
    groups = goodGroups(job)
    await groups.start()
  },
  finish: () => groups.finish(),
}

process.on('message', ({ step, job }: { step: string; job: GoodJob }) => {
  steps[step]!(job).then(
    (answer) => process.send!({ answer: answer ?? null }),
    (error: Error) => process.send!({ error: error.stack ?? String(error) }),
  )
})
process.once('disconnect', () => process.exit(0))
