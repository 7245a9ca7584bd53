import type { TestContext } from 'node:test'
import { GroupClient } from '../http/group-client.js'
import { HttpBroker } from '../http/http-broker.js'

/** A broker of which there is something to tell: topics with records, groups with and without members. */
export async function busyBroker(t: TestContext, values: Record<string, unknown> = {}) {
  const broker = await HttpBroker.start({ http_actions: 'loopback', ...values })
  t.after(() => broker.close())
  const client = new GroupClient(broker)
  for (const topic of ['orders', 'payments']) await client.makeTopic(topic, 2)
  await client.produce('orders', 5)
  await client.commit('g/1', 'orders', 3)
  await client.commit('idle', 'payments', 0)
  const memberId = await client.rebalance('g/1', 'orders')
  const change = (method: 'POST' | 'DELETE', path: string, body?: unknown) =>
    fetch(`${broker.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-rivven-action': '1' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return { broker, client, memberId, change }
}
