import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allPages } from '../../src/http/all-pages.js'
import { httpApp } from '../../src/http/app.js'
import { type PageRights, pageRightsOf, refuseOddRights } from '../../src/http/hook/page-rights.js'
import type { PageName } from '../../src/http/page.js'

test('every page has a row that says what it needs, and fits it', () => {
  for (const { name, kind } of allPages()) {
    const rights = pageRightsOf(name)
    assert.ok(rights, `${name} has no row`)
    refuseOddRights(name, rights, kind)
  }
})

test('health alone is open to everybody, whatever is configured', () => {
  const open = allPages().filter(({ kind }) => kind === 'open')
  assert.deepEqual(
    open.map(({ name }) => name),
    ['GET /health/live', 'GET /health/ready'],
  )
})

test('a page without a row is not served', () => {
  const page = { kind: 'guarded' as const, name: 'GET /secrets' as const, answer: () => new Response('all of them') }
  const options = { pages: [page], listener: { address: { host: '127.0.0.1', port: 0 } } }
  assert.throws(() => httpApp(options as unknown as Parameters<typeof httpApp>[0]), /GET \/secrets has no row/)
})

const odd: readonly [PageName, PageRights, 'open' | 'guarded', RegExp][] = [
  ['GET /a', {}, 'guarded', /is guarded, and its row says otherwise/],
  ['GET /a', { needs: 'DESCRIBE CLUSTER' }, 'open', /is open, and its row says otherwise/],
  ['GET /a', {}, 'open', /http_anonymous may close it/],
  ['GET /a/:topic', { needs: 'DESCRIBE GROUP' }, 'guarded', /its path has no :group/],
  ['POST /a', { anonymous: 'health' }, 'open', /it cannot be for everybody/],
  ['POST /a', { needs: 'ALTER CLUSTER', anonymous: 'all' }, 'guarded', /it cannot be for everybody/],
]

test('a row that would show too much, or to nobody, does not start', () => {
  for (const [name, rights, kind, words] of odd) assert.throws(() => refuseOddRights(name, rights, kind), words)
})
