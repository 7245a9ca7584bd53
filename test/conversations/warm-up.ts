import { setTimeout as pause } from 'node:timers/promises'
import { type Api, ApiVersions, allApis, FindCoordinator, InitProducerId } from '@rivven/protocol'
import { type Broker, Connections } from './connections.js'
import type { Json } from './conversation.js'
import { at } from './matching.js'
import type { Talk } from './talk-connection.js'

// COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR
const notYet = /"errorCode":1[456],/

/** As many ids as reach each of a coordinator's 50 partitions. */
const ids = Array.from({ length: 300 }, (_, number) => `warm-up-${number}`)

/** Waits until every coordinator answers: a broker that has just started may still load them, or make their topics. */
export async function warmUp(broker: Broker): Promise<void> {
  const connections = new Connections(broker)
  const connection = async () => (broker.plain ? connections.of('admin') : connections.named('warm-up'))
  try {
    const known = await advertised(await connection())
    for (const [keyType, name, version, field] of [
      [0, 'DescribeGroups', 5, 'groups'],
      [1, 'DescribeTransactions', 0, 'transactionalIds'],
    ] as const) {
      const describe = allApis.find((api) => api.name === name)
      if (!describe || !known.has(describe.key)) continue
      await untilReady(connection, [
        [FindCoordinator as Api, 4, { keyType, coordinatorKeys: ['warm-up'] }],
        [describe, version, { [field]: ids }],
      ])
    }
    if (known.has(InitProducerId.key))
      await untilReady(connection, [
        [InitProducerId as Api, 4, { transactionalId: null, transactionTimeoutMs: 60_000 }],
      ])
  } finally {
    connections.closeAll()
  }
}

async function advertised(connection: Talk): Promise<Set<unknown>> {
  const answer = await connection.send(ApiVersions as Api, 0, {}).within(10_000)
  const apis = at(answer ?? null, '/apiKeys')
  if (!Array.isArray(apis)) throw new Error('the broker does not say what it speaks')
  return new Set(apis.map((api) => at(api, '/apiKey')))
}

type Request = [api: Api, version: number, request: { [field: string]: Json }]

async function untilReady(connection: () => Promise<Talk>, requests: Request[]): Promise<void> {
  let answers = ''
  for (let tries = 0; tries < 100; tries++) {
    if (tries > 0) await pause(200)
    const open = await connection()
    const pending = requests.map(([api, version, request]) => open.send(api, version, request))
    answers = JSON.stringify(await Promise.all(pending.map((answer) => answer.within(10_000))))
    if (!notYet.test(answers)) return
  }
  throw new Error(`the coordinators do not get ready: ${answers.slice(0, 300)}`)
}
