import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Chance } from './chance.js'
import type { FoundFault, Slice, SliceResult } from './slice.js'

export interface CampaignOptions {
  /** Names of targets. */
  readonly targets: readonly string[]
  readonly seed: number
  /** Ends when this many milliseconds have passed, or when all targets had their inputs. */
  readonly ms?: number
  /** For each target. */
  readonly inputs?: number
  readonly ran?: (tally: Tally) => void
  readonly found?: (fault: FoundFault) => void
}

export interface TargetTally {
  inputs: number
  taken: number
  ms: number
  /** The most that was left over after one slice, and how often in a row something was. */
  leaks: number
  faults: FoundFault[]
}

export type Tally = ReadonlyMap<string, TargetTally>

/** How long one slice shall take: many targets have their turn in a minute; in an hour, garbage is collected less often. */
const SLICE_MS = { first: 150, later: 600 }
const SLICE_INPUTS = { first: 256, short: 10_000, most: 50_000 }
/** So many targets of a family have their turn before the next family. */
const FAMILY_TURNS = 8
/** No slice takes so long: an input hangs. */
const PATIENCE_MS = 60_000
const HANGS = 'it hangs'
/** What is left in use after so many slices in a row by more than so much is not forgotten by chance. */
const LEAK = { slices: 8, bytes: 256 * 1024 }

/** Gives every target its turn again and again. */
export async function runCampaign({ targets, seed, ms, inputs, ran, found }: CampaignOptions): Promise<Tally> {
  const chance = new Chance(seed)
  const tally = new Map(
    targets.map((name) => [name, { inputs: 0, taken: 0, ms: 0, leaks: 0, faults: [] } as TargetTally]),
  )
  const until = performance.now() + (ms ?? Number.POSITIVE_INFINITY)
  const worker = new Worker()
  try {
    while (performance.now() < until) {
      const due = [...tally].filter(([, mine]) => isDue(mine, inputs))
      if (due.length === 0) break
      for (const [target, mine] of turns(due, chance)) {
        if (performance.now() >= until) break
        // The first slice of a target has the seed itself: a fault that a seed finds, it finds at once.
        const own = mine.inputs === 0 ? seed : chance.next()
        const fault = add(mine, await worker.run({ target, seed: own, inputs: sliceInputs(mine, inputs) }))
        if (fault) found?.(fault)
        ran?.(tally)
      }
    }
  } finally {
    worker.end()
  }
  return tally
}

/** One with a fault would find it again and again. */
function isDue({ faults, inputs: done }: TargetTally, inputs = Number.POSITIVE_INFINITY): boolean {
  return faults.length === 0 && done < inputs
}

/** Some of every family: there are hundreds of messages, and few of all else. */
function turns<Mine>(due: readonly (readonly [string, Mine])[], chance: Chance): (readonly [string, Mine])[] {
  const drawn = due.map((one) => ({ one, place: chance.next() })).sort((a, b) => a.place - b.place)
  const counts = new Map<string, number>()
  return drawn.flatMap(({ one }) => {
    const [family = ''] = one[0].split('/', 1)
    const count = counts.get(family) ?? 0
    counts.set(family, count + 1)
    return count < FAMILY_TURNS ? [one] : []
  })
}

function sliceInputs({ inputs, ms }: TargetTally, most = Number.POSITIVE_INFINITY): number {
  const sliceMs = inputs < SLICE_INPUTS.short ? SLICE_MS.first : SLICE_MS.later
  const wanted = inputs === 0 ? SLICE_INPUTS.first : Math.ceil((inputs / Math.max(1, ms)) * sliceMs)
  return Math.min(wanted, SLICE_INPUTS.most, most - inputs)
}

/** Returns what was found, if anything was. */
function add(mine: TargetTally, { slice, ...result }: SliceResult & { readonly slice: Slice }): FoundFault | undefined {
  mine.inputs += result.inputs
  mine.taken += result.taken
  mine.ms += result.ms
  mine.leaks = result.leftBytes > LEAK.bytes ? mine.leaks + 1 : 0
  const fault = result.fault ?? leakOf(mine, slice, result)
  if (fault) mine.faults.push(fault)
  return fault
}

function leakOf(mine: TargetTally, { target, seed }: Slice, { leftBytes }: SliceResult): FoundFault | undefined {
  if (mine.leaks < LEAK.slices) return undefined
  mine.leaks = 0
  const what = `after each of ${LEAK.slices} slices in a row more was in use than before, ${leftBytes} bytes after the last`
  return { kind: 'leak', what, target, seed, input: '' }
}

/** A process that runs slices; another one where it has ended. */
class Worker {
  #child: ChildProcess | undefined

  async run(slice: Slice): Promise<SliceResult & { slice: Slice }> {
    this.#child ??= await started()
    const result = await resultOf(this.#child, slice)
    if (typeof result === 'object') return { ...result, slice }
    this.end()
    return { ...(await explained(slice, result)), slice }
  }

  end(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

function started(isTelling = false): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'slice-process.js'), isTelling ? ['--tell'] : [], {
    execArgv: ['--expose-gc', '--max-semi-space-size=64', '--max-old-space-size=1024'],
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child))
    child.once('exit', (status) => reject(new Error(`the process for slices ended with status ${status}`)))
  })
}

/** What came of it, or why nothing did. */
function resultOf(child: ChildProcess, slice: Slice): Promise<SliceResult | string> {
  return new Promise((resolve) => {
    const settle = (result: SliceResult | string) => {
      clearTimeout(patience)
      child.removeAllListeners('message').removeAllListeners('exit')
      resolve(result)
    }
    const patience = setTimeout(() => settle(HANGS), PATIENCE_MS)
    child.once('message', (result) => settle(result as SliceResult))
    child.once('exit', (status, signal) => settle(`the process ended (${signal ?? status})`))
    child.send(slice)
  })
}

/** Runs it again, and listens to which input was the last. */
async function explained(slice: Slice, why: string): Promise<SliceResult> {
  const child = await started(true)
  let last = ''
  let inputs = 0
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    last = line
    inputs++
  })
  const result = await resultOf(child, slice)
  // What is in the pipe is read before it counts.
  await new Promise((resolve) => setTimeout(resolve, 200))
  child.kill('SIGKILL')
  // A busy machine looks like an input that never ends, but not twice.
  if (typeof result === 'object' && why === HANGS) return result
  const again = typeof result === 'string' ? result : `${why}, but not again`
  const fault = { kind: 'end', what: again, target: slice.target, seed: slice.seed, input: last }
  return { inputs, taken: 0, ms: 0, leftBytes: 0, fault }
}
