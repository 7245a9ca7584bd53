import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checks } from '../src/index.js'

const { either, fitting, flag, listOf, object, oneOf, oneOrMany, optional, orNull, recordOf, shown, text, whole } =
  checks

interface Plan {
  name: string
  count?: number
  parts?: readonly { size: number }[]
}

const plan = object<Plan>(
  { name: text, count: optional(whole(0, 10)), parts: optional(listOf(object<{ size: number }>({ size: whole(1) }))) },
  { what: 'A plan', otherNames: { title: 'Write name.' } },
)

const told = (misfit: checks.Misfit | undefined) => misfit && [misfit.text, misfit.hint].filter(Boolean).join(' ')

test('what fits passes, with fields left out or undefined where that is allowed', () => {
  for (const value of [{ name: 'a' }, { name: 'a', count: undefined }, { name: 'a', count: 10, parts: [{ size: 1 }] }])
    assert.equal(plan(value, 'plan'), undefined)
})

test('what does not fit is told with its place and what it must be', () => {
  const cases: [unknown, string][] = [
    [null, 'A plan must be an object, not null. It has name, count, parts.'],
    [[], 'A plan must be an object, not an empty list. It has name, count, parts.'],
    [{}, 'plan.name is undefined: it must be a text that is not empty.'],
    [{ name: 'a', count: 11 }, 'plan.count is 11: it must be a whole number from 0 to 10.'],
    [{ name: 'a', cuont: 1 }, 'A plan has no cuont. Did you mean count?'],
    [{ title: 'a' }, 'A plan has no title. Write name.'],
    [{ name: 'a', unheardOf: 1 }, 'A plan has no unheardOf. Known are name, count, parts.'],
    [
      { name: 'a', parts: [{ size: 1 }, { size: 0 }] },
      `plan.parts[1].size is 0: it must be a whole number from 1 to ${2 ** 31 - 1}.`,
    ],
    [{ name: 'a', ['__proto__']: 1, constructor: 1 }, 'A plan has no __proto__. Known are name, count, parts.'],
  ]
  for (const [value, message] of cases) assert.equal(told(plan(value, 'plan')), message)
})

test('the smaller checks say what they let pass', () => {
  assert.equal(told(oneOf('a', 1)(2, 'x')), "x is 2: it must be 'a' or 1.")
  assert.equal(told(oneOrMany(text)(['a', ''], 'x')), 'x[1] is "": it must be a text that is not empty.')
  assert.equal(told(oneOrMany(text)(5, 'x')), 'x is 5: it must be a text that is not empty.')
  assert.equal(told(recordOf(text)({ a: 1 }, 'x')), 'x.a is 1: it must be a text that is not empty.')
  assert.equal(
    told(either(flag, whole(0))('no', 'x')),
    `x is "no": it must be a whole number from 0 to ${2 ** 31 - 1}.`,
  )
  assert.equal(orNull(text)(null, 'x'), undefined)
  assert.equal(told(fitting('even', () => false, 'Take 2.')(1, 'x')), 'x is 1: it must be even. Take 2.')
})

test('values are shown in a word or two, however large', () => {
  const values = [new Date(0), new Map(), () => 1, 5n, [1], {}, Number.NaN, 'x'.repeat(100), Symbol('s')]
  assert.deepEqual(values.map(shown), [
    'a Date',
    'a Map',
    'a function',
    '5n',
    'a list',
    'an object',
    'NaN',
    `"${'x'.repeat(60)}…"`,
    'Symbol(s)',
  ])
})
