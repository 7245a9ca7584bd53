import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import { allRoutes } from '../../src/api/all-routes.js'
import { partsOf } from '../../src/api/rights.js'
import { allPages } from '../../src/http/all-pages.js'

test('every call says who may have it, by something that its path names', () => {
  for (const { name, rights } of allRoutes) {
    const parameter = rights.needs && partsOf(rights.needs).parameter
    if (parameter !== undefined) assert.ok(name.split('/').includes(`:${parameter}`), name)
    assert.ok(rights.needs || rights.asks || name === 'GET /api/meta', `${name} is for everybody`)
  }
})

test('what changes something is for nobody unknown, and is told to the audit', () => {
  for (const { name, rights, change, isInternal } of allRoutes) {
    if (name.startsWith('GET ')) continue
    assert.equal(rights.anonymous, undefined, name)
    if (!isInternal) assert.ok(change && name.split('/').includes(`:${change.of}`), name)
  }
})

test('no two calls have one name', () => {
  const names = allRoutes.map(({ name }) => name.replaceAll(/:\w+/g, ':'))
  assert.deepEqual([...new Set(names)], names)
})

test('health and the pages without anything in them are open to everybody, whatever is configured', () => {
  const open = allPages(nodeRuntime().disk).filter(({ kind }) => kind === 'open')
  assert.deepEqual(
    open.map(({ path }) => path),
    ['/health/live', '/health/ready', '/docs/errors', '/', '/files/:name'],
  )
})
