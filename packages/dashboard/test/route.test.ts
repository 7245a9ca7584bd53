import assert from 'node:assert/strict'
import { test } from 'node:test'
import { press } from '../src/keys/keymap.js'
import { EventReader } from '../src/live/event-reader.js'
import { changed, groupsView, groupView } from '../src/live/views.js'
import { findPage } from '../src/route/find-page.js'
import { hrefOf, routeOf } from '../src/route/route.js'

test('a link leads to where it was made for, whatever the names in it are', () => {
  for (const name of ['orders', '', '.', '..', '~', '~x', 'a/b', 'a?b#c', '%2e', '名', 'a b+c&d=e', '\u202e\0'])
    assert.deepEqual(routeOf(hrefOf(['groups', name], { search: name })).path, ['groups', name])
  const { query } = routeOf(hrefOf(['groups'], { search: 'a&b=c d+e', empty: '', none: undefined, limit: 3 }))
  assert.deepEqual({ ...query }, { search: 'a&b=c d+e', limit: '3' })
})

test('what is no address leads nowhere', () => {
  for (const hash of ['', '#', '#/', '#/groups/%', '#/groups/../x']) assert.deepEqual(routeOf(hash).path, [], hash)
})

test('a page is found by its pattern', () => {
  const pages = [{ pattern: 'groups' }, { pattern: 'groups/:group/:tab' }]
  assert.equal(findPage(pages, routeOf('#/groups'))?.entry, pages[0])
  assert.deepEqual({ ...findPage(pages, routeOf('#/groups/a/lag'))?.names }, { group: 'a', tab: 'lag' })
  assert.equal(findPage(pages, routeOf('#/groups/a')), undefined)
})

test('two keys in a row do something, if the second comes soon', () => {
  const { begun } = press('g', 0)
  assert.deepEqual(press('g', 1000, begun), { action: 'groups' })
  assert.deepEqual(press('t', 1000, begun), { action: 'topics' })
  assert.equal(press('g', 2000, begun).action, undefined)
  assert.deepEqual(press('/', 0), { action: 'search' })
  assert.deepEqual(press('x', 0), {})
})

test('events are read however their text is cut', () => {
  const text = 'retry: 2000\n\nid: b-1\nevent: snapshot\ndata: {"a":1}\n\n: \n\nevent: change\ndata: x\ndata: y\n\n'
  for (let size = 1; size <= text.length; size += 1) {
    const reader = new EventReader()
    const read = []
    for (let at = 0; at < text.length; at += size) read.push(...reader.read(text.slice(at, at + size)))
    assert.deepEqual(read, [
      { event: 'snapshot', data: '{"a":1}', id: 'b-1' },
      { event: 'change', data: 'x\ny', id: 'b-1' },
    ])
  }
})

test('a change makes of an answer the next one', () => {
  const row = (groupId: string, lag: number) => ({ groupId, lag }) as never
  const list = { items: [row('a', 1), row('b', 2)], total: 2, next: null }
  const next = changed(groupsView, list, { rows: { b: row('b', 3), c: row('c', 0) }, gone: ['a'], order: ['c', 'b'] })
  assert.deepEqual(next.items, [row('c', 0), row('b', 3)])
  const page = { groupId: 'g', state: 'Stable', members: [{ memberId: 'm' }], offsets: [] } as never
  const change = { rows: { group: { groupId: 'g', state: 'Empty' }, 'offset t/0': { topic: 't' } }, gone: ['member m'] }
  assert.deepEqual(changed(groupView, page, change) as unknown, {
    ...{ groupId: 'g', state: 'Empty', members: [], offsets: [{ topic: 't' }] },
  })
})
