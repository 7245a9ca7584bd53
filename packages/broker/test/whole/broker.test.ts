import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import {
  type Api,
  ApiVersions,
  decodeResponse,
  ErrorCode,
  encodeRequest,
  Fetch,
  JoinGroup,
  ListGroups,
  Metadata,
} from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { Broker } from '../../src/broker.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { silentLog } from '../../src/log-output.js'
import { memoryStorage } from '../../src/open-storage.js'

const runtime = nodeRuntime()

function start(values: Record<string, unknown> = {}): Promise<Broker> {
  const config = brokerConfig([{ from: 'test', values: { listen: '127.0.0.1:0', ...values } }])
  return Broker.start({ config, runtime, storage: memoryStorage(runtime), log: silentLog() })
}

async function open(broker: Broker): Promise<Socket> {
  const socket = connect(broker.address)
  await once(socket, 'connect')
  return socket
}

function send<A extends Api>(
  socket: Socket,
  api: A,
  version: number,
  message: Parameters<typeof encodeRequest<A>>[3],
): void {
  socket.write(Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'test' }, message)))
}

async function answer(socket: Socket): Promise<Buffer> {
  let all = Buffer.alloc(0)
  while (all.length < 4 || all.length < 4 + all.readInt32BE(0)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    all = Buffer.concat([all, chunk])
  }
  return all.subarray(4)
}

async function groupsExist(broker: Broker): Promise<void> {
  const socket = await open(broker)
  for (let count = 0; count === 0; ) {
    send(socket, ListGroups, 0, {})
    count = decodeResponse(ListGroups, 0, await answer(socket)).message.groups.length
  }
  socket.destroy()
}

test('a connection without requests is closed after its idle time, one that waits for a fetch is not', async (t) => {
  const broker = await start({ connections_max_idle_ms: 100 })
  t.after(() => broker.close())
  const [idle, waiting] = [await open(broker), await open(broker)]
  send(waiting, Metadata, 4, { topics: [{ name: 'watched' }], allowAutoTopicCreation: true })
  await answer(waiting)
  const topics = [{ topic: 'watched', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }]
  send(waiting, Fetch, 4, { maxWaitMs: 3_000, minBytes: 1, topics })
  idle.resume()
  await once(idle, 'end')
  const { message } = decodeResponse(Fetch, 4, await answer(waiting))
  assert.equal(message.responses.length, 1)
  assert.equal(broker.connectionCount, 1)
  waiting.destroy()
})

test('a broker that is closed does not wait for fetches that wait', async () => {
  const broker = await start()
  const socket = await open(broker)
  send(socket, Metadata, 4, { topics: [{ name: 'watched' }], allowAutoTopicCreation: true })
  await answer(socket)
  const topics = [{ topic: 'watched', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }]
  send(socket, Fetch, 4, { maxWaitMs: 2 ** 31 - 1, minBytes: 1, topics })
  send(socket, ApiVersions, 0, {})
  socket.resume()
  await Promise.all([broker.close(), once(socket, 'close')])
})

test('a broker that is closed holds no rebalance: who waits for one is sent to look for the coordinator', async () => {
  const broker = await start({ group_initial_rebalance_delay_ms: 60_000 })
  const socket = await open(broker)
  const protocols = [{ name: 'range', metadata: Buffer.alloc(0) }]
  const joining = { groupId: 'billing', protocolType: 'consumer', protocols }
  const timeouts = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 }
  send(socket, JoinGroup, 3, { ...joining, ...timeouts })
  await groupsExist(broker)
  const [bytes] = await Promise.all([answer(socket), broker.close()])
  assert.equal(decodeResponse(JoinGroup, 3, bytes).message.errorCode, ErrorCode.NOT_COORDINATOR)
})

test('a broker that ends can be started again on its port', async () => {
  const first = await start()
  const listen = `127.0.0.1:${first.address.port}`
  await first.close()
  const second = await start({ listen })
  assert.equal(second.address.port, first.address.port)
  await second.close()
})
