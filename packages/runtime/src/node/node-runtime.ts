import type { Runtime } from '../runtime.js'
import { nodeClock } from './clock.js'
import { nodeDisk } from './disk.js'
import { nodeNetwork } from './network.js'
import { nodeRandom } from './random.js'

/** The outside world as Node gives it: what production uses. */
export function nodeRuntime(): Runtime {
  return { clock: nodeClock, random: nodeRandom, network: nodeNetwork, disk: nodeDisk }
}
