import { Admin, Consumer, Producer, RivvenError } from '@rivven/client'
import { type FakeClock, fakeRuntime } from '@rivven/fakes'
import { type Api, allApis } from '@rivven/protocol'
import { Chance } from '../harness/chance.js'
import { Finding, type Target } from '../harness/target.js'
import { type Application, applicationNames, applicationOf, LONGEST_CALL_MS } from '../hostile/calls.js'
import { HostileBroker } from '../hostile/hostile-broker.js'
import { inside } from '../inside.js'

type TinyClusters = typeof import('../../../packages/client/dist/test/support/tiny-cluster.js')

const clients = { Admin, Consumer, Producer } as never

/**
 * A broker that does not keep to the rules, against our whole client in a world of its own: every call ends with what it
 * promises or a RivvenError, within its timeouts (on a virtual clock), and a closed client leaves nothing behind. The input is
 * what chance begins with, and how rarely the broker lies.
 */
export async function hostileBrokerTargets(): Promise<Target[]> {
  const { TinyCluster } = await inside<TinyClusters>('client/test/support/tiny-cluster.js')
  const run = async (input: Buffer) => {
    const chance = new Chance(input.length >= 4 ? input.readUInt32BE(0) : input.length)
    const honesty = 1 + ((input[4] ?? 0) % 24)
    const runtime = fakeRuntime(chance.next())
    const broker = new HostileBroker(chance, honesty)
    const tiny = new TinyCluster(runtime.network, 1)
    for (const api of allApis) tiny.scripts.set(api as Api, (asked) => broker.take(asked))
    const isHelped = await use(applicationOf(chance.pick(applicationNames), clients, runtime), runtime.clock, chance)
    // What was under way may end by itself, and nothing may begin.
    await runtime.clock.advance(LONGEST_CALL_MS)
    if (runtime.clock.pending > 0) throw new Finding(`${runtime.clock.pending} timers are left behind`)
    return isHelped
  }
  const seeds = Array.from({ length: 8 }, (_, at) => Buffer.from([at, at * 3, at * 7, at * 11, at]))
  return [
    {
      name: 'hostile/broker against our client',
      seeds,
      refusals: [],
      run,
      mayTakeMs: 3000,
      // Frames of 1 MiB, chunks of connections, records that wait.
      mayAllocate: () => 64 * 1024 * 1024,
    },
  ]
}

/** Whether any call succeeded. */
async function use({ calls, close }: Application, clock: FakeClock, chance: Chance): Promise<boolean> {
  let isHelped = false
  for (const call of calls) {
    const outcome = await outcomeOf(call, clock)
    isHelped ||= outcome === undefined
    if (chance.oneIn(10)) break
  }
  const error = await outcomeOf(close, clock)
  if (error !== undefined && !(error instanceof RivvenError)) throw new Finding(`close threw ${String(error)}`)
  return isHelped
}

/** The error of a call, which is one of ours. */
async function outcomeOf(call: () => Promise<unknown>, clock: FakeClock): Promise<unknown> {
  const began = clock.monotonic()
  const ended = call().then(
    () => undefined,
    (error: unknown) => error,
  )
  const error = await clock.until(ended, LONGEST_CALL_MS * 2)
  if (clock.monotonic() - began > LONGEST_CALL_MS)
    throw new Finding(`a call took ${clock.monotonic() - began} ms: ${call}, ${String(error)}`)
  if (error !== undefined && !(error instanceof RivvenError))
    throw error instanceof Error ? error : new Finding(`a call threw ${String(error)}`)
  return error
}
