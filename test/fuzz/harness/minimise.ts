import type { Target } from './target.js'
import { attemptMeasured, type Fault } from './trial.js'

const MOST_ATTEMPTS = 2000

/** A smaller input with a fault of the same kind: pieces are left out, halves first, then bytes are made zero. */
export async function minimised(target: Target, found: Buffer, fault: Fault): Promise<{ input: Buffer; fault: Fault }> {
  let best = { input: found, fault }
  let attempts = 0
  const isBetter = async (input: Buffer): Promise<boolean> => {
    if (attempts++ > MOST_ATTEMPTS) return false
    const outcome = await attemptMeasured(target, input)
    if (typeof outcome !== 'object' || outcome.kind !== fault.kind) return false
    best = { input, fault: outcome }
    return true
  }
  for (let size = Math.ceil(found.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.input.length; ) {
      const without = Buffer.concat([best.input.subarray(0, at), best.input.subarray(at + size)])
      if (!(await isBetter(without))) at += size
    }
  }
  for (let at = 0; at < best.input.length; at++) {
    if (best.input[at] === 0) continue
    const zeroed = Buffer.from(best.input)
    zeroed[at] = 0
    await isBetter(zeroed)
  }
  return best
}
