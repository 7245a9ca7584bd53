import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Chance } from './harness/chance.js'
import { Mutator } from './harness/mutator.js'
import { runSlice } from './harness/slice.js'
import { Finding, type Target } from './harness/target.js'
import { attemptMeasured } from './harness/trial.js'

const parser = (run: Target['run'], more: Partial<Target> = {}): Target => {
  return { name: 'a parser', seeds: [Buffer.from('GET /path 200')], refusals: [SyntaxError], run, ...more }
}
const slice = (target: Target, inputs = 20_000) => runSlice(target, { target: target.name, seed: 1, inputs })

test('a seed stands for the same inputs, every time', () => {
  const inputsOf = (seed: number) => {
    const mutator = new Mutator(new Chance(seed), [Buffer.from('hello'), Buffer.from('world')])
    return Array.from({ length: 100 }, () => mutator.next().toString('hex'))
  }
  assert.deepEqual(inputsOf(7), inputsOf(7))
  assert.notDeepEqual(inputsOf(7), inputsOf(8))
})

test('what a parser promises to throw is no fault, anything else is, with a small input that shows it', async () => {
  const refusing = parser(() => {
    throw new SyntaxError('no')
  })
  assert.equal((await slice(refusing, 500)).fault, undefined)
  const failing = parser((input) => {
    if (input.includes('99')) throw new TypeError('it has 99')
    return true
  })
  const { fault } = await slice(failing)
  assert.match(fault?.what ?? '', /TypeError: it has 99/)
  assert.equal(Buffer.from(fault?.input ?? '', 'hex').toString(), '99')
})

test('what is taken and is another when it was read again is a fault, also where the parser promises its error', async () => {
  const changing = parser((input) => () => {
    if (input.length === 5) throw new Finding('another')
  })
  assert.match((await slice(changing)).fault?.what ?? '', /Finding: another/)
})

test('an input that takes long is a fault, and so is one that needs much memory', async () => {
  const slow = parser(
    () => {
      for (const until = process.cpuUsage().user + 20_000; process.cpuUsage().user < until; );
      return true
    },
    { mayTakeMs: 5 },
  )
  assert.equal(((await attemptMeasured(slow, Buffer.alloc(3))) as { kind: string }).kind, 'slow')
  const kept: Buffer[] = []
  const large = parser(() => kept.push(Buffer.alloc(1024 * 1024)) > 0)
  assert.equal(((await attemptMeasured(large, Buffer.alloc(3))) as { kind: string }).kind, 'large')
})

test('checksums are made right for most inputs, so that what lies behind them is reached', async () => {
  const seen = { right: 0, wrong: 0 }
  const summed = parser(
    (input) => {
      if (input.at(-1) === 0xab) seen.right++
      else seen.wrong++
      return true
    },
    { mend: (input) => Buffer.concat([input, Buffer.from([0xab])]) },
  )
  await slice(summed, 2000)
  assert.ok(seen.right > 1500 && seen.wrong > 50, JSON.stringify(seen))
})
