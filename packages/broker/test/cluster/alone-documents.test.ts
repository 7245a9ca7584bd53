import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import { AloneDocuments } from '../../src/cluster/alone/alone-documents.js'
import { memoryStorage } from '../../src/open-storage.js'

const text = (content: string) => Buffer.from(content)

test('of two that change a document at once one wins, and the other reads anew and changes that', async () => {
  const documents = new AloneDocuments(memoryStorage(nodeRuntime()))
  assert.equal(await documents.read('users'), undefined)
  const first = documents.replace('users', undefined, text('one'))
  const second = documents.replace('users', undefined, text('other'))
  assert.deepEqual([await first, await second], [1, undefined])
  const read = await documents.read('users')
  assert.equal(read?.content.toString(), 'one')
  assert.equal(await documents.replace('users', read?.version, text('both')), 2)
  assert.equal((await documents.read('users'))?.content.toString(), 'both')
})

test('what an earlier broker stored has a version, too', async () => {
  const storage = memoryStorage(nodeRuntime())
  await storage.writeDocument('acls', text('old'))
  const documents = new AloneDocuments(storage)
  assert.equal(await documents.replace('acls', undefined, text('new')), undefined)
  const { version } = (await documents.read('acls'))!
  assert.ok((await documents.replace('acls', version, text('new')))! > version)
})

test('a document that could not be stored is what it was', async () => {
  const storage = memoryStorage(nodeRuntime())
  const documents = new AloneDocuments(storage)
  const version = await documents.replace('quotas', undefined, text('old'))
  const { writeDocument } = storage
  storage.writeDocument = () => Promise.reject(new Error('disk full'))
  await assert.rejects(documents.replace('quotas', version, text('new')), /disk full/)
  storage.writeDocument = writeDocument
  assert.equal((await documents.read('quotas'))?.content.toString(), 'old')
  assert.ok(await documents.replace('quotas', version, text('new')))
})
