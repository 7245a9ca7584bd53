import { setTimeout as pause } from 'node:timers/promises'
import { type Api, ApiVersions, allApis, FindCoordinator } from '@rivven/protocol'
import { at } from './matching.js'
import type { Broker } from './player.js'
import { TalkConnection } from './talk-connection.js'

// COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR
const notYet = /"errorCode":1[456],/

/** As many ids as reach each of a coordinator's 50 partitions. */
const ids = Array.from({ length: 300 }, (_, number) => `warm-up-${number}`)

/** Waits until every coordinator answers: a broker that has just started may still load them, or make their topics. */
export async function warmUp({ host, port }: Broker): Promise<void> {
  const connection = new TalkConnection(host, port)
  try {
    const known = await advertised(connection)
    for (const [keyType, name, version, field] of [
      [0, 'DescribeGroups', 5, 'groups'],
      [1, 'DescribeTransactions', 0, 'transactionalIds'],
    ] as const) {
      const describe = allApis.find((api) => api.name === name)
      if (describe && known.has(describe.key)) await untilLoaded(connection, keyType, describe, version, field)
    }
  } finally {
    connection.close()
  }
}

async function advertised(connection: TalkConnection): Promise<Set<unknown>> {
  const answer = await connection.send(ApiVersions as Api, 0, {}).within(10_000)
  const apis = at(answer ?? null, '/apiKeys')
  if (!Array.isArray(apis)) throw new Error('the broker does not say what it speaks')
  return new Set(apis.map((api) => at(api, '/apiKey')))
}

async function untilLoaded(
  connection: TalkConnection,
  keyType: number,
  describe: Api,
  version: number,
  field: string,
): Promise<void> {
  let answers = ''
  for (let tries = 0; tries < 100; tries++) {
    if (tries > 0) await pause(200)
    const found = connection.send(FindCoordinator as Api, 4, { keyType, coordinatorKeys: ['warm-up'] })
    const described = connection.send(describe, version, { [field]: ids })
    answers = JSON.stringify([await found.within(10_000), await described.within(10_000)])
    if (!notYet.test(answers)) return
  }
  throw new Error(`the coordinators do not get ready: ${answers.slice(0, 300)}`)
}
