import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { chance } from '../chance.js'
import { implementations } from './implementations.js'
import { Program } from './program.js'

const PROGRAMS = 500
const CALLS = 40

for (const { name, start } of implementations) {
  test(`${name}: ${PROGRAMS} random programs of ${CALLS} calls by three brokers are answered as the oracle says`, async () => {
    const first = Number(process.env.SEED ?? 1)
    for (let seed = first; seed < first + PROGRAMS; seed++) {
      const program = new Program(await start(), chance(seed))
      await program.begin()
      const calls: string[] = []
      for (let count = 0; count < CALLS; count++) {
        const { call, answer, expected } = await program.step()
        calls.push(call)
        if (isDeepStrictEqual(answer, expected)) continue
        console.log(`SEED=${seed}, call ${count + 1}:\n${calls.join('\n')}`)
        assert.deepEqual(answer, expected)
      }
    }
  })
}
