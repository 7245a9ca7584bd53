import { writeSync } from 'node:fs'
import { allTargets } from '../targets/all-targets.js'
import { runSlice, type Slice } from './slice.js'
import { noteStray } from './trial.js'

// Runs slices for a campaign, one after the other: what ends this process or keeps it for ever ends no campaign.

/** Where inputs are told before they are tried, one in hex a line; only when it is asked for. */
const TOLD_TO = 3

for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, noteStray)
// Most inputs are refused by an error that nobody reads.
Error.stackTraceLimit = 0
// Warnings are for people who run things.
process.removeAllListeners('warning')
process.on('warning', () => undefined)

const targets = new Map((await allTargets()).map((target) => [target.name, target]))
const told = process.argv.includes('--tell')
  ? (input: Buffer) => writeSync(TOLD_TO, `${input.toString('hex')}\n`)
  : undefined
process.on('message', async (slice: Slice) => {
  const target = targets.get(slice.target)
  if (target) process.send?.(await runSlice(target, slice, told))
})
process.send?.('ready')
