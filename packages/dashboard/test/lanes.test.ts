import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lanesOf, linesOf } from '../src/pages/group/timeline/lanes.js'

type Story = Parameters<typeof lanesOf>[0][number]

const member = (name: string) => ({
  ...{ memberId: `${name}-id`, groupInstanceId: null, clientId: name, clientHost: '/127.0.0.1' },
})

function story(at: number, { joined = [], left = [] }: { joined?: string[]; left?: string[] }): Story {
  const leaves = left.map((name) => ({ ...member(name), why: 'left' }))
  return { startedAt: at, endedAt: at + 1, joined: joined.map(member), left: leaves } as unknown as Story
}

function spans(stories: readonly Story[], present: string[]): Record<string, string> {
  const lanes = lanesOf(stories, present.map(member), 100)
  return Object.fromEntries(lanes.map(({ id, spans }) => [id, spans.map(({ from, to }) => `${from}-${to}`).join(' ')]))
}

test('who came is there from then on, who went until then', () => {
  const stories = [story(10, { joined: ['a'] }), story(20, { joined: ['b'] }), story(30, { left: ['a'] })]
  assert.deepEqual(spans(stories, ['b']), { 'a-id': '11-30', 'b-id': '21-100' })
})

test('who is there or goes without having come was there before', () => {
  assert.deepEqual(spans([story(10, { left: ['a'] })], ['b']), { 'a-id': '10-10', 'b-id': '10-100' })
})

test('who comes again has two spans', () => {
  const stories = [story(10, { joined: ['a'] }), story(20, { left: ['a'] }), story(30, { joined: ['a'] })]
  assert.deepEqual(spans(stories, ['a']), { 'a-id': '11-20 31-100' })
})

test('without stories there are the members of now', () => {
  assert.deepEqual(spans([], ['a']), { 'a-id': '100-100' })
})

test('labels that would cover each other lie in lines of their own, as long as there are some', () => {
  const at = (x: number) => ({ x, width: 10 })
  assert.deepEqual(linesOf([at(0), at(5), at(6), at(20)], 2), [0, 1, undefined, 0])
})
