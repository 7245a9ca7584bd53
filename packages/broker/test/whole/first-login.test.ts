import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import {
  type Api,
  DescribeCluster,
  decodeResponse,
  encodeRequest,
  type ResponseOf,
  SaslAuthenticate,
  SaslHandshake,
} from '@rivven/protocol'
import { nodeRuntime, type Runtime } from '@rivven/runtime'
import { Broker } from '../../src/broker.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { silentLog } from '../../src/log-output.js'
import { memoryStorage } from '../../src/open-storage.js'

const node = nodeRuntime()
const passwordFile = '/run/secrets/admin'
const runtime: Runtime = {
  ...node,
  disk: { ...node.disk, readFile: async (path) => (path === passwordFile ? Buffer.from('first\n') : Buffer.alloc(0)) },
}
const storage = memoryStorage(runtime)

function start(values: Record<string, unknown>): Promise<Broker> {
  const listeners = { listeners: 'SASL_PLAINTEXT://127.0.0.1:0', sasl_enabled_mechanisms: 'PLAIN' }
  const config = brokerConfig([{ from: 'test', values: { ...listeners, http: 'off', ...values } }])
  return Broker.start({ config, runtime, storage, log: silentLog() })
}

/** Logs in by PLAIN and asks what it may do with the cluster; undefined: the login failed. */
async function operationsOf(broker: Broker, user: string, password: string): Promise<number | undefined> {
  const socket = connect(broker.address)
  await once(socket, 'connect')
  const ask = async <A extends Api>(api: A, version: number, message: Parameters<typeof encodeRequest<A>>[3]) => {
    socket.write(Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'test' }, message)))
    const [frame] = (await once(socket, 'data')) as [Buffer]
    return decodeResponse(api, version, frame.subarray(4)).message as ResponseOf<A>
  }
  try {
    await ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
    const authBytes = Buffer.from(`\0${user}\0${password}`)
    if ((await ask(SaslAuthenticate, 2, { authBytes })).errorCode !== 0) return undefined
    const cluster = await ask(DescribeCluster, 0, { includeClusterAuthorizedOperations: true })
    return cluster.clusterAuthorizedOperations
  } finally {
    socket.destroy()
  }
}

test('the first start makes an administrator who may do everything, before anybody can connect', async () => {
  const bootstrap = { bootstrap_admin: 'admin', bootstrap_admin_password_file: passwordFile }
  const first = await start(bootstrap)
  assert.equal(await operationsOf(first, 'admin', 'first'), 8096, 'every operation on the cluster')
  assert.equal(await operationsOf(first, 'admin', 'guess'), undefined)
  await first.close()

  const without = await start({})
  const ordinary = await operationsOf(without, 'admin', 'first')
  assert.notEqual(ordinary, undefined, 'the user stays')
  assert.notEqual(ordinary, 8096, 'without the key it is a user like others')
  await without.close()
})
