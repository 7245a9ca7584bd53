export { addressText } from './address-text.js'
export { type Descriptors, descriptorSentence } from './descriptors.js'
export { inlineBackground } from './inline-background.js'
export type { LoopDelays, LoopMeter } from './loop-delays.js'
export { nodeClock } from './node/clock.js'
export { nodeDisk } from './node/disk.js'
export { type FolderLock, FolderLockError, lockFolder, type TryLock } from './node/folder-lock.js'
export { inlineHashing, nodeHashing } from './node/hashing.js'
export {
  guestListenHttp,
  type HttpLimits,
  type HttpListener,
  type HttpOptions,
  type HttpServer,
  type ListenHttp,
  nodeListenHttp,
  usualHttpLimits,
} from './node/http.js'
export { nodeNetwork } from './node/network.js'
export { NodeBackground } from './node/node-background.js'
export { guestRuntime, nodeRuntime } from './node/node-runtime.js'
export { ProcessHold } from './node/process-hold.js'
export { nodeRandom } from './node/random.js'
export { nodeWeb, noWeb } from './node/web.js'
export type * from './runtime.js'
export { TlsError } from './tls-error.js'
export { VERSION } from './version.js'
