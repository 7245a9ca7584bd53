import { Broker, brokerConfig, memoryStorage, silentLog } from '@rivven/broker'
import { RivvenCall } from '@rivven/protocol'
import { guestRuntime } from '@rivven/runtime'
import { RawConnection } from '../../support/raw-connection.js'
import { Finding, type Target } from '../harness/target.js'

/** Between method, path and body. */
const BETWEEN = '\0'

const calls = [
  ['GET', '/api/cluster'],
  ['GET', '/api/groups?limit=5'],
  ['GET', '/api/groups/g/timeline'],
  ['POST', '/api/cluster/brokers/1/draining', '{"draining":true}'],
  [
    'POST',
    '/api/cluster/nudges',
    '{"nudges":[{"groupId":"g","clientId":"c","clientHost":"h","topic":"t","partition":0,"formedMsAgo":1}]}',
  ],
  ['DELETE', '/nothing', '[]'],
]

const words = [
  ...new Set(calls.flat()),
  ...[
    'GET',
    'POST',
    'PUT',
    '/api',
    '/',
    '//',
    '?',
    '&',
    '=',
    '%00',
    '%',
    '..',
    '__proto__',
    'null',
    '{}',
    '[]',
    '1e999',
    BETWEEN,
  ],
]

/** Rivven's own calls over Kafka's protocol: each is answered with a status and JSON, whatever was asked. */
export function rivvenCallTargets(): Target[] {
  let connection: Promise<RawConnection> | undefined
  return [
    {
      name: 'calls/RivvenCall',
      seeds: calls.map((call) => Buffer.from(call.join(BETWEEN))),
      words,
      refusals: [],
      // A request, an answer and what is looked at for it.
      mayAllocate: (input) => input.length * 64 + 4 * 1024 * 1024,
      mayTakeMs: 500,
      run: async (input) => {
        connection ??= ownConnection()
        const [method = '', path = '', ...rest] = input.toString('latin1').split(BETWEEN)
        const body = rest.length > 0 ? Buffer.from(rest.join(BETWEEN), 'latin1') : null
        const answer = await (await connection).call(RivvenCall, 0, { method, path, body })
        const { status } = answer as { status: number }
        if (!(status >= 200 && status < 500)) throw new Finding(`it is answered with status ${status}`)
        const text = (answer as { body: Buffer | null }).body?.toString() ?? ''
        if (!isJson(text)) throw new Finding(`it is answered with no JSON: ${text}`)
        return status < 300
      },
    },
  ]
}

async function ownConnection(): Promise<RawConnection> {
  const runtime = guestRuntime()
  const config = brokerConfig([{ from: 'test', values: { listen: '127.0.0.1:0' } }])
  const broker = await Broker.start({ config, runtime, storage: memoryStorage(runtime), log: silentLog() })
  const connection = await RawConnection.open(broker.address.port)
  // It keeps no process alive: who waits for an answer has a timer.
  connection.socket.unref()
  return connection
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
