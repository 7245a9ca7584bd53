import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { chance } from '../chance.js'
import { implementations } from './implementations.js'
import { Program } from './program.js'

const CALLS = 40

for (const { name, start, programs } of implementations) {
  const count = Number(process.env.PROGRAMS ?? programs)
  test(`${name}: ${count} random programs of ${CALLS} calls by three brokers are answered as the oracle says`, async () => {
    const first = Number(process.env.SEED ?? 1)
    for (let seed = first; seed < first + count; seed++) {
      const shared = await start()
      const program = new Program(shared, chance(seed))
      await program.begin()
      const calls: string[] = []
      for (let step = 0; step < CALLS; step++) {
        const { call, answer, expected } = await program.step()
        calls.push(call)
        if (isDeepStrictEqual(answer, expected)) continue
        console.log(`SEED=${seed}, call ${step + 1}:\n${calls.join('\n')}`)
        assert.deepEqual(answer, expected)
      }
      await shared.end()
    }
  })
}
