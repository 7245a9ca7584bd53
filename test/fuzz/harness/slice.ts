import { Chance } from './chance.js'
import { minimised } from './minimise.js'
import { Mutator } from './mutator.js'
import { mayAllocate, type Target } from './target.js'
import { attempt, attemptMeasured, bytesInUse, type Fault } from './trial.js'

/** A piece of work that a seed stands for. */
export interface Slice {
  readonly target: string
  readonly seed: number
  readonly inputs: number
}

export interface FoundFault extends Fault {
  readonly target: string
  readonly seed: number
  /** In hex. */
  readonly input: string
}

export interface SliceResult {
  readonly inputs: number
  readonly taken: number
  /** CPU time: other processes count for nothing. */
  readonly ms: number
  /** By how much more was in use when garbage was collected before and after; 0 where it was not. */
  readonly leftBytes: number
  readonly fault?: FoundFault
}

/** So many inputs are measured together: looking costs more than most parsers take. */
const BLOCK = 16
/** Of few inputs little is left, and collecting garbage takes longer than they do. */
const LEAST_FOR_LEAKS = 2000
const MOST_COLLECTIONS = 10
const QUIET_BYTES = 16 * 1024
/** What nobody would call a leak: then one collection is enough. It takes as long as thousands of inputs do. */
const UNSUSPICIOUS_BYTES = 128 * 1024
/** What a block may take before each of its inputs is looked at alone. */
const BLOCK_MS = 50

/** What was in use when the last slice was over, if that was looked at. */
let usedSince: number | undefined

/** Runs a slice up to its end or the first fault. `told`: before each input. */
export async function runSlice(target: Target, slice: Slice, told?: Told): Promise<SliceResult> {
  const isWatched = slice.inputs >= LEAST_FOR_LEAKS && globalThis.gc !== undefined
  const usedBefore = isWatched ? (usedSince ?? (await collected())) : 0
  usedSince = undefined
  const began = process.cpuUsage()
  const done = await runInputs(target, slice, told)
  const { user, system } = process.cpuUsage(began)
  if (isWatched) usedSince = await collected(usedBefore + UNSUSPICIOUS_BYTES)
  return { ...done, ms: (user + system) / 1000, leftBytes: Math.max(0, (usedSince ?? 0) - usedBefore) }
}

type Told = (input: Buffer) => void

async function runInputs(
  target: Target,
  { seed, inputs }: Slice,
  told?: Told,
): Promise<Pick<SliceResult, 'inputs' | 'taken' | 'fault'>> {
  const chance = new Chance(seed)
  const mutator = new Mutator(chance, target.seeds, target.words)
  let taken = 0
  let done = 0
  while (done < inputs) {
    const block = Array.from({ length: Math.min(BLOCK, inputs - done) }, () => mended(target, mutator.next(), chance))
    done += block.length
    const { fault, input, takenInputs } = await runBlock(target, block, told)
    taken += takenInputs.length
    for (const one of takenInputs) mutator.keep(one)
    if (fault === undefined || input === undefined) continue
    const least = await minimised(target, input, fault)
    const found = { ...(await withStack(target, least)), target: target.name, seed, input: least.input.toString('hex') }
    return { inputs: done, taken, fault: found }
  }
  return { inputs: done, taken }
}

function mended({ mend }: Target, input: Buffer, chance: Chance): Buffer {
  return mend && !chance.oneIn(8) ? mend(input) : input
}

/** Where it comes from: stacks are taken only for what is shown, since refusals cost several times as much with one. */
async function withStack(target: Target, { input, fault }: { input: Buffer; fault: Fault }): Promise<Fault> {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 20
  const again = await attemptMeasured(target, input)
  Error.stackTraceLimit = limit
  return typeof again === 'object' && again.kind === fault.kind ? again : fault
}

/**
 * What is in use when all garbage is gone, or at least no more than `enough`. Buffers, and what has memory outside of the heap,
 * go later than objects.
 */
async function collected(enough = 0): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let quiet = 0, round = 0; quiet < 2 && round < MOST_COLLECTIONS; round++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 1))
    const used = bytesInUse()
    if (used <= enough) return used
    quiet = used < least - QUIET_BYTES ? 0 : quiet + 1
    least = Math.min(least, used)
  }
  return least
}

interface BlockResult {
  readonly takenInputs: readonly Buffer[]
  readonly fault?: Fault
  readonly input?: Buffer
}

async function runBlock(target: Target, block: readonly Buffer[], told?: Told): Promise<BlockResult> {
  const takenInputs: Buffer[] = []
  const bytesBefore = bytesInUse()
  const began = performance.now()
  for (const input of block) {
    told?.(input)
    const going = attempt(target, Buffer.from(input))
    const outcome = going instanceof Promise ? await going : going
    if (outcome === 'taken') takenInputs.push(input)
    if (typeof outcome === 'object') return { takenInputs, fault: outcome, input }
  }
  const allowed = block.reduce((sum, input) => sum + mayAllocate(target, input), 0) / 2
  const isSuspicious =
    performance.now() - began > Math.max(BLOCK_MS, target.mayTakeMs ?? 0) || bytesInUse() - bytesBefore > allowed
  return isSuspicious ? suspect(target, block, takenInputs) : { takenInputs }
}

/** Which of them it was, if it was one of them. */
async function suspect(target: Target, block: readonly Buffer[], takenInputs: readonly Buffer[]): Promise<BlockResult> {
  for (const input of block) {
    const outcome = await attemptMeasured(target, input)
    if (typeof outcome === 'object') return { takenInputs, fault: outcome, input }
  }
  return { takenInputs }
}
