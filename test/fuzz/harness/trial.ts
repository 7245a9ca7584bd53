import { getHeapStatistics } from 'node:v8'
import { Finding, mayAllocate, type Parsed, type Target } from './target.js'

/** What became of one input. */
export type Outcome = 'taken' | 'refused' | Fault

/** What may not be. */
export interface Fault {
  /** Two faults of one kind are one fault: what an input is made smaller by. */
  readonly kind: string
  readonly what: string
}

const MOST_MS = 100
/** So often it must show that an input is slow or costs much: machines are busy, and garbage is collected in between. */
const CONFIRMATIONS = 3

/** Where uncaught errors arrive meanwhile: an input is the cause of what comes out of it in any way. */
let stray: unknown[] = []
export function noteStray(error: unknown): void {
  stray.push(error)
}

/** Gives the target an input; it may be changed. */
export function attempt(target: Target, input: Buffer): Outcome | Promise<Outcome> {
  try {
    const parsed = target.run(input)
    if (!(parsed instanceof Promise)) return seen(parsed)
    return parsed.then(seen).then(
      (outcome) => strayFault() ?? outcome,
      (error: unknown) => strayFault() ?? outcomeOf(target, error),
    )
  } catch (error) {
    return outcomeOf(target, error)
  }
}

function seen(parsed: Parsed): Outcome {
  if (typeof parsed === 'function') parsed()
  return parsed ? 'taken' : 'refused'
}

function strayFault(): Fault | undefined {
  const [first] = stray
  if (first === undefined) return undefined
  stray = []
  const { kind, what } = faultOf(first)
  return { kind: `uncaught ${kind}`, what: `uncaught: ${what}` }
}

function outcomeOf(target: Target, error: unknown): Outcome {
  if (error instanceof Finding) return faultOf(error)
  return target.refusals.some((refusal) => error instanceof refusal) ? 'refused' : faultOf(error)
}

function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { kind: 'no error', what: `it threw ${String(error)}` }
  // What it says without the values in it: those are others in a smaller input.
  const [head = ''] = error.message.split(':', 1)
  return {
    kind: `${error.name} ${head.replace(/[0-9a-f]{4,}|\d+|'.*?'|".*?"/g, '')}`,
    what: error.stack ?? error.message,
  }
}

/** The same, with all limits looked at: of time, and of memory. */
export async function attemptMeasured(target: Target, input: Buffer): Promise<Outcome> {
  const outcome = await attempt(target, Buffer.from(input))
  if (typeof outcome === 'object') return outcome
  const costs: Cost[] = []
  for (let round = 0; round < CONFIRMATIONS; round++) {
    costs.push(await costOf(target, Buffer.from(input)))
  }
  const ms = Math.min(...costs.map((cost) => cost.ms))
  if (ms > (target.mayTakeMs ?? MOST_MS)) return { kind: 'slow', what: `it takes ${ms.toFixed(0)} ms of CPU time` }
  const bytes = Math.min(...costs.map((cost) => cost.bytes))
  if (bytes <= mayAllocate(target, input)) return outcome
  return { kind: 'large', what: `it allocates ${bytes} bytes for ${input.length}` }
}

async function costOf(target: Target, input: Buffer): Promise<Cost> {
  const before = costNow()
  try {
    const parsed = target.run(input)
    if (parsed instanceof Promise) await parsed
  } catch {
    // Whether it may throw was looked at.
  }
  return costSince(before)
}

interface Cost {
  readonly ms: number
  readonly bytes: number
}

/** CPU time of this process so far, and bytes that are in use. */
function costNow(): Cost {
  const { user, system } = process.cpuUsage()
  return { ms: (user + system) / 1000, bytes: bytesInUse() }
}

function costSince(before: Cost): Cost {
  const now = costNow()
  return { ms: now.ms - before.ms, bytes: now.bytes - before.bytes }
}

/** On the heap and in buffers. Falls when garbage is collected. */
export function bytesInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}
