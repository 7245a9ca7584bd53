import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DescriptorWatch } from '../src/descriptor-watch.js'
import { openFilesOf } from '../src/open-storage.js'

test('a process that runs out of file descriptors says so, once and then at each sixth look, with what to do', async () => {
  const found = { open: 200, limit: 1024 }
  const told: string[] = []
  const log = { error: (facts: object, text: string) => void told.push(`${JSON.stringify(facts)} ${text}`) }
  const watch = new DescriptorWatch(async () => found, log as never)
  await watch.look()
  assert.deepEqual(told, [])
  found.open = 1_020
  for (let look = 0; look < 7; look++) await watch.look()
  assert.equal(told.length, 2)
  assert.match(told[0]!, /\{"open":1020,"limit":1024\} connections may be closed as they come: .*ulimit -n/)
  found.open = 200
  await watch.look()
  found.open = 1_024
  await watch.look()
  assert.equal(told.length, 3)
})

test('where nobody can know, nothing is said', async () => {
  const log = { error: () => assert.fail() }
  await new DescriptorWatch(async () => undefined, log as never).look()
})

test('files of partitions take at most half of the descriptors that a process may have', () => {
  assert.equal(openFilesOf(undefined), 512)
  assert.equal(openFilesOf({ open: 24, limit: 20_000 }), 512)
  assert.equal(openFilesOf({ open: 24, limit: 256 }), 84)
  assert.equal(openFilesOf({ open: 24, limit: 64 }), 8)
})
