import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as clients from '@rivven/client'
import { fakeRuntime } from '@rivven/fakes'
import { type Api, allApis } from '@rivven/protocol'
import { Chance } from './harness/chance.js'
import { type ApplicationName, applicationOf } from './hostile/calls.js'
import { HostileBroker } from './hostile/hostile-broker.js'
import { inside } from './inside.js'

type TinyClusters = typeof import('../../packages/client/dist/test/support/tiny-cluster.js')

// What a hostile broker says is only worth something if an honest one gets the client through all of its work.
for (const name of ['producer', 'consumer'] satisfies ApplicationName[]) {
  test(`every call of a ${name} succeeds where the broker of the fuzzer never lies`, async () => {
    const { TinyCluster } = await inside<TinyClusters>('client/test/support/tiny-cluster.js')
    const runtime = fakeRuntime()
    const tiny = new TinyCluster(runtime.network, 1)
    const broker = new HostileBroker(new Chance(1), Number.POSITIVE_INFINITY)
    for (const api of allApis) tiny.scripts.set(api as Api, (asked) => broker.take(asked))
    const { calls, close } = applicationOf(name, clients, runtime)
    const results: unknown[] = []
    for (const call of calls) results.push(await runtime.clock.until(call()))
    await runtime.clock.until(close())
    if (name === 'consumer') assert.ok(results.flat().some((record) => (record as { offset?: number })?.offset === 0))
  })
}
