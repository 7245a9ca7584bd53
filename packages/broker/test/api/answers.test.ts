import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameToPath } from '@rivven/protocol'
import { allRoutes } from '../../src/api/all-routes.js'
import { misfitOf } from '../../src/api/shape.js'
import { busyBroker } from './busy-broker.js'

const names: Readonly<Record<string, string>> = { group: 'g/1', topic: 'orders', broker: '1' }
const queries: Readonly<Record<string, string>> = { 'GET /api/transactions/producers': '?topic=orders' }

test('every answer has just the fields that its row tells of', async (t) => {
  const { broker } = await busyBroker(t, { authorizer_class_name: 'none' })
  const shown = allRoutes.filter(({ name, isInternal }) => name.startsWith('GET ') && !isInternal)
  for (const { name, answer } of shown) {
    if (name === 'GET /api/security/acls' || answer.name === 'Bytes') continue
    const path = name.slice('GET '.length).replaceAll(/:(\w+)/g, (_, key: string) => nameToPath(names[key] ?? ''))
    const response = await broker.get(`${path}${queries[name] ?? ''}`)
    assert.equal(response.status, 200, path)
    assert.equal(response.headers.get('content-type'), 'application/json', path)
    assert.equal(misfitOf(answer, await response.json()), undefined, path)
  }
})

test('groups are found by a part of their name, their state or a topic, and put in order', async (t) => {
  const { broker } = await busyBroker(t)
  const found = async (query: string) => {
    const { items } = (await broker.json(`/api/groups?${query}`)) as { items: { groupId: string }[] }
    return items.map(({ groupId }) => groupId)
  }
  assert.deepEqual(await found(''), ['g/1', 'idle'])
  assert.deepEqual(await found('order=desc'), ['idle', 'g/1'])
  assert.deepEqual(await found('search=DL'), ['idle'])
  assert.deepEqual(await found('state=Stable,PreparingRebalance'), ['g/1'])
  assert.deepEqual(await found('state=Empty'), ['idle'])
  assert.deepEqual(await found('status=STOP,STALL'), [])
  assert.deepEqual(await found('topic=payments'), ['idle'])
  assert.deepEqual(await found('topic=nothing'), [])
  assert.deepEqual(await found('sort=lag&order=desc'), ['g/1', 'idle'])
  assert.deepEqual(await found('sort=members'), ['idle', 'g/1'])
  assert.deepEqual(await found('sort=state'), ['idle', 'g/1'])
})

test('lists are read page by page', async (t) => {
  const { broker, client } = await busyBroker(t)
  for (let at = 0; at < 5; at++) await client.commit(`more-${at}`, 'orders', 0)
  const names: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = (await broker.json(`/api/groups?limit=2&cursor=${cursor}`)) as {
      items: { groupId: string }[]
      total: number
      next: string | null
    }
    assert.equal(page.total, 7)
    names.push(...page.items.map(({ groupId }) => groupId))
    cursor = page.next
  }
  assert.deepEqual(names, ['g/1', 'idle', 'more-0', 'more-1', 'more-2', 'more-3', 'more-4'])
})

test('what a query may not say is 400, with the parameter that it is about', async (t) => {
  const { broker } = await busyBroker(t)
  const wrong: readonly [string, string][] = [
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=many', 'limit'],
    ['order=up', 'order'],
    ['sort=nothing', 'sort'],
    ['serach=x', 'serach'],
    ['limit=1&limit=2', 'limit'],
    ['__proto__=x', '__proto__'],
    ['status=STOPPED', 'status'],
    ['state=Stable,stable', 'state'],
  ]
  for (const [query, parameter] of wrong) {
    const answer = await broker.get(`/api/groups?${query}`)
    assert.equal(answer.status, 400, query)
    const problem = (await answer.json()) as { code: string; parameter: string }
    assert.deepEqual([problem.code, problem.parameter], ['INVALID_PARAMETER', parameter])
  }
  assert.equal((await broker.get('/api/groups?cursor=x')).status, 400)
  assert.equal((await broker.get('/api/transactions/producers')).status, 400)
  assert.equal((await broker.get('/api/transactions?state=ongoing')).status, 400)
})

test('what is not there is 404 by its own code', async (t) => {
  const { broker } = await busyBroker(t)
  const paths: readonly [string, string][] = [
    ['/api/nothing', 'NOT_FOUND'],
    ['/api/groups/', 'INVALID_NAME'],
    ['/api/groups/nobody', 'GROUP_NOT_FOUND'],
    ['/api/topics/nothing', 'TOPIC_NOT_FOUND'],
    ['/api/topics/nothing/groups', 'TOPIC_NOT_FOUND'],
    ['/api/cluster/calls', 'METHOD_NOT_ALLOWED'],
    ['/api/transactions/producers?topic=nothing', 'TOPIC_NOT_FOUND'],
  ]
  for (const [path, code] of paths) {
    assert.equal(((await (await broker.get(path)).json()) as { code: string }).code, code, path)
  }
})

test('groups are in the order of what they were behind at the last look, page by page', async (t) => {
  const { broker, client } = await busyBroker(t, { lag_sample_interval_ms: 20 })
  await client.commit('third', 'orders', 1)
  type Page = { items: { groupId: string; lag: number; sampledLag: number | null }[]; next: string | null }
  const page = async (query: string) => (await broker.json(`/api/groups?sort=lag&order=desc&${query}`)) as Page
  let all = await page('limit=100')
  while (all.items.some(({ sampledLag }) => sampledLag === null)) all = await page('limit=100')
  assert.deepEqual(
    all.items.map(({ groupId, lag, sampledLag }) => [groupId, lag, sampledLag]),
    [
      ['third', 4, 4],
      ['g/1', 2, 2],
      ['idle', 0, 0],
    ],
  )
  const first = await page('limit=1')
  assert.deepEqual(
    (await page(`limit=2&cursor=${first.next}`)).items.map(({ groupId }) => groupId),
    ['g/1', 'idle'],
  )
})
