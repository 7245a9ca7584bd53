import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePattern } from '../src/index.js'

const matching: [pattern: string, texts: string[], others: string[]][] = [
  ['x-1', ['x-1'], ['x-12', 'ax-1', '']],
  ['x.*', ['x', 'x-1', 'xé日🎉'], ['yx', 'x\n']],
  ['[xy]-[0-9]+', ['x-0', 'y-42'], ['x-', 'z-1']],
  ['[^a-c]', ['d', '🎉'], ['a', 'dd']],
  ['a|bc|', ['a', 'bc', ''], ['b', 'abc']],
  ['(ab)*c?', ['', 'ab', 'ababc', 'c'], ['aba']],
  ['(?:a|b){2,3}', ['ab', 'bba'], ['a', 'aaaa']],
  ['(?P<n>a){2}', ['aa'], ['a', 'aaa']],
  ['a{2,}?', ['aa', 'aaaa'], ['a']],
  ['a{,2}', ['a{,2}'], ['aa']],
  ['^a$', ['a'], ['aa']],
  ['\\Aa\\z', ['a'], ['b']],
  ['a^b', [], ['ab', 'a^b']],
  ['\\d+\\.\\w\\S', ['12.ab'], ['12xab']],
  ['[]a]', [']', 'a'], ['[']],
  ['[a\\]-]', ['a', ']', '-'], ['b']],
  ['[[:alpha:]_]+', ['a_B'], ['a1']],
  ['[[:^digit:]]', ['a'], ['1']],
  ['\\x41\\x{1F389}\\t', ['A🎉\t'], ['A']],
  ['\\p{Greek}\\pL\\P{L}', ['αa1'], ['aa1']],
  ['(a*)*b', ['b', 'aab'], ['a']],
  ['(|a)+', ['', 'aaa'], ['b']],
]

for (const [pattern, texts, others] of matching) {
  test(`${pattern} matches whole texts`, () => {
    const compiled = compilePattern(pattern)
    assert.ok(compiled)
    for (const text of texts) assert.equal(compiled.matches(text), true, JSON.stringify(text))
    for (const text of others) assert.equal(compiled.matches(text), false, JSON.stringify(text))
  })
}

test('what cannot be read is refused', () => {
  const wrong = [
    '(a+',
    'a)',
    '[a',
    '*',
    'a**',
    'a{3,2}',
    'a{1001}',
    '[b-a]',
    '[[:foo:]]',
    '(?=a)',
    '\\',
    '\\q',
    '\\x{110000}',
    '\\p{Nobody}',
    '\\1',
  ]
  for (const pattern of wrong) assert.equal(compilePattern(pattern), undefined, pattern)
  assert.equal(compilePattern('(a{1000}){1000}'), undefined)
  assert.equal(compilePattern('('.repeat(900)), undefined)
  assert.equal(compilePattern('a'.repeat(1_001)), undefined)
})

test('no pattern takes time that grows faster than the text', () => {
  assert.equal(compilePattern('(a|a)*(a|aa)+b')?.matches('a'.repeat(5_000)), false)
  assert.equal(compilePattern('(((){1000}){1000}){1000}')?.matches(''), true)
})
