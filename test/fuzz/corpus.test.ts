import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { attemptMeasured } from './harness/trial.js'
import { allTargets } from './targets/all-targets.js'

interface Found {
  readonly target: string
  /** What it did once. */
  readonly about: string
  /** In hex. */
  readonly inputs: readonly string[]
}

// What clients warn of when brokers lie is for people who run them.
process.removeAllListeners('warning')

const corpus = join(import.meta.dirname, '../../fuzz/corpus')
const targets = new Map((await allTargets()).map((target) => [target.name, target]))

for (const file of readdirSync(corpus)) {
  const { target: name, about, inputs } = JSON.parse(readFileSync(join(corpus, file), 'utf8')) as Found
  test(`no more: ${about} (${name})`, async () => {
    const target = targets.get(name)
    assert.ok(target, `there is no target ${name}`)
    for (const input of inputs) {
      const outcome = await attemptMeasured(target, Buffer.from(input, 'hex'))
      assert.ok(typeof outcome === 'string', JSON.stringify(outcome))
    }
  })
}

/** No server can sign for a password that it does not know: being believed is the fault. */
const takesNothing = "logins/SCRAM, the client's side"

test('every seed of every target is no fault, and every target takes one of its own', async () => {
  const barren: string[] = []
  for (const target of targets.values()) {
    assert.ok(target.seeds.length > 0, target.name)
    const outcomes = new Set<unknown>()
    for (const seed of target.seeds) {
      const outcome = await attemptMeasured(target, seed)
      assert.ok(typeof outcome === 'string', `${target.name}: ${JSON.stringify(outcome)}`)
      outcomes.add(outcome)
    }
    if (!outcomes.has('taken')) barren.push(target.name)
  }
  assert.deepEqual(barren, [takesNothing])
})
