import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestCluster } from './test-cluster.js'

const bytes = (text: string) => Buffer.from(text)

test('a document is the same at all brokers, and each is told when it changes', async () => {
  const test = await TestCluster.of(2)
  const [one, two] = [test.broker(1).cluster.documents, test.broker(2).cluster.documents]
  const told: string[] = []
  two.onChange((name) => told.push(name))
  assert.equal(await one.read('users'), undefined)
  const version = await test.passing(one.replace('users', undefined, bytes('ada')))
  await test.pass(50)
  assert.deepEqual(await two.read('users'), { content: bytes('ada'), version })
  assert.deepEqual(told, ['users'])
})

test('of two brokers that replace a document at once one has to begin anew', async () => {
  const test = await TestCluster.of(2)
  const [one, two] = [test.broker(1).cluster.documents, test.broker(2).cluster.documents]
  const versions = await test.passing(
    Promise.all([one.replace('users', undefined, bytes('ada')), two.replace('users', undefined, bytes('bob'))]),
  )
  assert.equal(versions.filter((version) => version === undefined).length, 1)
  await test.pass(50)
  const now = await one.read('users')
  assert.deepEqual(await two.read('users'), now)
  assert.ok(versions.includes(now?.version))
  assert.ok(await test.passing(two.replace('users', now?.version, bytes('ada, bob'))))
})

test('a replacement of which the answer is lost is recognised when it is made again', async () => {
  const test = await TestCluster.of(1)
  const { cluster, life } = test.broker(1)
  life.cut = 'answers'
  const replaced = cluster.documents.replace('users', undefined, bytes('ada'))
  await test.pass(150)
  life.cut = 'none'
  assert.equal(await test.passing(replaced), (await cluster.documents.read('users'))?.version)
})

test('producer ids are given out once, whoever asks', async () => {
  const test = await TestCluster.of(2)
  const firsts = [1, 2, 1].map((id) => test.broker(id).cluster.reserveProducerIds(1_000))
  const given = await test.passing(Promise.all(firsts))
  assert.deepEqual(
    given.sort((a, b) => a - b),
    [0, 1_000, 2_000],
  )
})
