import { fakeRuntime } from '@rivven/fakes'
import { FindCoordinator, type RequestOf } from '@rivven/protocol'
import { Admin } from '../../src/index.js'
import { TinyCluster } from '../support/tiny-cluster.js'

/** An Admin on a cluster of two brokers whose coordinator of everything is broker 1. */
export function adminScene() {
  const runtime = fakeRuntime()
  const tiny = new TinyCluster(runtime.network, 2)
  const admin = new Admin({ bootstrapServers: tiny.bootstrapServers, runtime, requestTimeoutMs: 5000 })
  tiny.scripts.set(FindCoordinator, ({ request }) => {
    const { key, coordinatorKeys } = request as RequestOf<typeof FindCoordinator>
    const found = { errorCode: 0, nodeId: 1, host: 'broker-1', port: 9001 }
    return { ...found, coordinators: (coordinatorKeys ?? []).map((key) => ({ ...found, key })), key }
  })
  return { runtime, clock: runtime.clock, tiny, admin }
}
