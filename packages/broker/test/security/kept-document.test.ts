import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import { AclStore } from '../../src/security/acls/acl-store.js'
import { KeptDocument } from '../../src/security/kept-document.js'
import { QuotaStore } from '../../src/security/quotas/quota-store.js'
import { UserStore } from '../../src/security/users/user-store.js'
import { aclOf } from './acl-text.js'
import { SharedDocuments } from './two-brokers.js'

const { clock, random } = nodeRuntime()

/** A broker that keeps a list of words in a document. */
class Words {
  words: string[] = []
  readonly warnings: string[] = []
  readonly document: KeptDocument

  constructor(shared: SharedDocuments) {
    this.document = new KeptDocument(
      {
        documents: shared.door(),
        name: 'words',
        follow: (content) => {
          this.words = JSON.parse(String(content))
        },
        warn: (text) => this.warnings.push(text),
      },
      undefined,
    )
  }

  /** Resolves to how many words there were before. */
  add(word: string): Promise<number> {
    return this.document.change(async () => {
      const words = [...this.words, word]
      const take = () => {
        this.words = words
      }
      const content = this.words.includes(word) ? undefined : Buffer.from(JSON.stringify(words))
      return { result: this.words.length, content, take }
    })
  }
}

test('brokers that change a document at once lose nothing: who was too late changes what the first one has stored', async () => {
  const shared = new SharedDocuments()
  const brokers = [new Words(shared), new Words(shared), new Words(shared)]
  await Promise.all(brokers.flatMap((broker, at) => ['a', 'b', 'c'].map((word) => broker.add(`${word}${at}`))))
  const stored: string[] = JSON.parse(String(shared.stored.get('words')?.content))
  assert.deepEqual([...stored].sort(), ['a0', 'a1', 'a2', 'b0', 'b1', 'b2', 'c0', 'c1', 'c2'])
  assert.ok(shared.refused > 0)
})

test('what another broker has stored counts when it is heard of, and an answer is made from what counts then', async () => {
  const shared = new SharedDocuments()
  const [one, other] = [new Words(shared), new Words(shared)]
  await one.add('a')
  assert.deepEqual(other.words, [])
  shared.tell('others')
  shared.tell('words')
  await other.document.settled()
  assert.deepEqual(other.words, ['a'])
  assert.equal(await other.add('b'), 1)
  assert.equal(shared.refused, 0)
})

test('who is too late with what is no change any more stores nothing', async () => {
  const shared = new SharedDocuments()
  const [one, other] = [new Words(shared), new Words(shared)]
  await one.add('a')
  assert.equal(await other.add('a'), 1)
  assert.equal(shared.stored.get('words')?.version, 1)
})

test('where what another broker has stored cannot be used, the old counts on, and a line says so', async () => {
  const shared = new SharedDocuments()
  const broker = new Words(shared)
  await broker.add('a')
  shared.stored.set('words', { content: Buffer.from('no JSON'), version: 9 })
  shared.tell('words')
  await broker.document.settled()
  assert.deepEqual(broker.words, ['a'])
  assert.match(
    broker.warnings.join(),
    /Another broker has changed what is stored of words, and here the old counts on: /,
  )
  await assert.rejects(broker.add('b'), /JSON/)
})

test('ACLs that two brokers make at once count at both, and what is removed at one counts at none', async () => {
  const shared = new SharedDocuments()
  const stores = await Promise.all([0, 1].map(() => AclStore.open({ documents: shared.door(), clock })))
  const acls = ['alice', 'bob'].map((name) => aclOf(`ALLOW User:${name} READ TOPIC LITERAL t *`))
  const made = await Promise.all(stores.map((store, at) => store.create([acls[at]!])))
  assert.deepEqual(
    made.flat().map(({ error }) => error),
    ['NONE', 'NONE'],
  )
  const versions = stores.map(({ image }) => image.version)
  shared.tell('acls')
  await Promise.all(stores.map((store) => store.settled()))
  assert.deepEqual(
    stores.map(({ count }) => count),
    [2, 2],
  )
  assert.ok(stores.some(({ image }, at) => image.version > versions[at]!))
  await stores[0]?.delete([acls[1]!])
  shared.tell('acls')
  await stores[1]?.settled()
  assert.equal(stores[1]?.count, 1)
})

test('a user that one broker makes can log in at the other, and a name that nobody has looks the same at both', async () => {
  const shared = new SharedDocuments()
  const stores = await Promise.all([0, 1].map(() => UserStore.open({ documents: shared.door(), clock, random })))
  const [one, other] = stores as [UserStore, UserStore]
  const upsertion = { name: 'alice', mechanism: 'SCRAM-SHA-256' as const, iterations: 4096 }
  await one.alter({
    upsertions: [{ ...upsertion, salt: Buffer.from('salt'), saltedPassword: Buffer.alloc(32, 7) }],
    deletions: [],
  })
  shared.tell('users')
  await other.settled()
  for (const name of ['alice', 'nobody']) {
    const [here, there] = stores.map((store) => store.credentialOf(name, 'SCRAM-SHA-256'))
    assert.deepEqual(here, there)
  }
})

test('a quota that one broker sets counts at the other', async () => {
  const shared = new SharedDocuments()
  const stores = await Promise.all([0, 1].map(() => QuotaStore.open({ documents: shared.door(), clock })))
  const entity = [{ type: 'user' as const, name: 'alice' }]
  const ops = [{ key: 'producer_byte_rate' as const, value: 1_000, remove: false }]
  await stores[0]?.alter([{ entity, ops }], { validateOnly: false })
  assert.equal(stores[1]?.ofClients, undefined)
  shared.tell('quotas')
  await stores[1]?.settled()
  assert.ok(stores[1]?.ofClients)
})
