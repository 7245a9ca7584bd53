import type { Runtime } from '../runtime.js'
import { nodeClock } from './clock.js'
import { nodeDescriptors } from './descriptors.js'
import { nodeDisk } from './disk.js'
import { nodeHashing } from './hashing.js'
import { nodeLoopMeter } from './loop-meter.js'
import { guestNetwork, nodeNetwork } from './network.js'
import { NodeBackground } from './node-background.js'
import { nodeRandom } from './random.js'
import { nodeWeb } from './web.js'

const world = {
  clock: nodeClock,
  random: nodeRandom,
  network: nodeNetwork,
  disk: nodeDisk,
  hashing: nodeHashing,
  web: nodeWeb,
  descriptors: nodeDescriptors,
  loopMeter: nodeLoopMeter,
}

/** Shared: a process has one worker thread, however many runtimes are asked for. */
const background = new NodeBackground(world)

/** The outside world as Node gives it: what production uses. */
export function nodeRuntime(): Runtime {
  return { ...world, background }
}

/** The same for a server that is a guest in a process which others keep alive. */
export function guestRuntime(): Runtime {
  return { ...nodeRuntime(), network: guestNetwork }
}
