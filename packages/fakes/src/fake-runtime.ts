import { type Disk, inlineBackground, inlineHashing, noWeb, type Runtime } from '@rivven/runtime'
import { FakeClock } from './fake-clock.js'
import { FakeNetwork } from './fake-network.js'
import { SeededRandom } from './seeded-random.js'

/** A world in which nothing happens by itself. */
export function fakeRuntime(seed = 1): Runtime & { clock: FakeClock; random: SeededRandom; network: FakeNetwork } {
  const world = {
    clock: new FakeClock(),
    random: new SeededRandom(seed),
    network: new FakeNetwork(),
    disk: noDisk,
    hashing: inlineHashing,
    web: noWeb,
  }
  return { ...world, background: inlineBackground(world) }
}

const noDisk = new Proxy({} as Disk, {
  get: () => {
    throw new Error('a client has no disk')
  },
})
