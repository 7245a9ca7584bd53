// Random commands, late durability and crashes between any two writes: what must hold whatever happens.
import { test } from 'node:test'
import fc from 'fast-check'
import { World } from './support/world.js'

const transactionalId = fc.constantFrom('x', 'y')
const who = fc.nat(20)
const newest = fc.constantFrom(-1, -1, -1, -2)

type Step = (world: World) => void

const begin: fc.Arbitrary<Step> = transactionalId.map((id) => (world) => world.init(id, null))
const again: fc.Arbitrary<Step> = who.map((index) => (world) => {
  const own = world.instances[index % world.instances.length]
  if (own) world.init(own.transactionalId, own)
})
const add: fc.Arbitrary<Step> = fc.tuple(newest, fc.nat(2), fc.constantFrom(3, 5)).map(([at, partition, version]) => {
  return (world) => {
    const own = world.instances.at(at)
    if (own) world.add(own, partition, version)
  }
})
const end: fc.Arbitrary<Step> = fc
  .tuple(newest, fc.boolean(), fc.constantFrom(3, 5))
  .map(([at, committed, version]) => {
    return (world) => {
      const own = world.instances.at(at)
      if (own) world.end(own, committed, version)
    }
  })
const zombie: fc.Arbitrary<Step> = fc.tuple(who, fc.boolean(), fc.constantFrom(3, 5)).map(([index, adds, version]) => {
  return (world) => {
    const own = world.instances[index % world.instances.length]
    if (own) adds ? world.add(own, 0, version) : world.end(own, true, version)
  }
})
const pass: fc.Arbitrary<Step> = fc.constantFrom(10, 30_000, 61_000).map((ms) => (world) => world.pass(ms))
const flush: fc.Arbitrary<Step> = fc.constant((world) => world.flush())
const marker: fc.Arbitrary<Step> = fc.constant((world) => world.writeMarker())
const crash: fc.Arbitrary<Step> = fc.nat(3).map((kept) => (world) => world.crash(kept))

const step = fc.oneof(
  { weight: 3, arbitrary: begin },
  { weight: 2, arbitrary: again },
  { weight: 6, arbitrary: add },
  { weight: 5, arbitrary: end },
  { weight: 3, arbitrary: zombie },
  { weight: 1, arbitrary: pass },
  { weight: 8, arbitrary: flush },
  { weight: 8, arbitrary: marker },
  { weight: 2, arbitrary: crash },
)

for (const firstEpoch of [-1, 32_763]) {
  test(`no transaction has two outcomes, no epoch goes back, no fenced producer succeeds: from epoch ${firstEpoch}`, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const world = new World(firstEpoch)
        for (const take of steps) take(world)
        world.settle()
      }),
      { numRuns: 1_000 },
    )
  })
}
