import { nodeClock } from '@rivven/runtime'
import { mustEqual, type Target } from '../harness/target.js'
import { inside } from '../inside.js'

type DocumentFiles = typeof import('../../../packages/broker/dist/src/storage/files/documents/document-file.js')
type StoredErrors = typeof import('../../../packages/broker/dist/src/storage/stored-data-error.js')
type Catalogs = typeof import('../../../packages/broker/dist/src/cluster/alone/catalog-document.js')
type AclDocuments = typeof import('../../../packages/broker/dist/src/security/acls/acl-document.js')
type UserDocuments = typeof import('../../../packages/broker/dist/src/security/users/user-document.js')
type AskedLeaders = typeof import('../../../packages/broker/dist/src/cluster/shared/asked/asked-leaders-document.js')
type QuotaDocuments = typeof import('../../../packages/broker/dist/src/security/quotas/quota-document.js')

/** Documents of the data folder, with their line in front and without it: a hand or a backup may have changed them. */
export async function documentTargets(): Promise<Target[]> {
  const { decodeDocument, encodeDocument } = await inside<DocumentFiles>(
    'broker/src/storage/files/documents/document-file.js',
  )
  const { StoredDataError } = await inside<StoredErrors>('broker/src/storage/stored-data-error.js')
  const catalog = await inside<Catalogs>('broker/src/cluster/alone/catalog-document.js')
  const { readAcls } = await inside<AclDocuments>('broker/src/security/acls/acl-document.js')
  const { readUsers, writeUsers } = await inside<UserDocuments>('broker/src/security/users/user-document.js')
  const { readQuotas } = await inside<QuotaDocuments>('broker/src/security/quotas/quota-document.js')
  const { readAskedLeaders, writeAskedLeaders } = await inside<AskedLeaders>(
    'broker/src/cluster/shared/asked/asked-leaders-document.js',
  )
  const key = Buffer.alloc(32, 7)
  const credential = { iterations: 4096, salt: Buffer.from('salt'), storedKey: key, serverKey: key }
  const users = {
    secret: Buffer.from('secret'),
    users: new Map([['alice', new Map([['SCRAM-SHA-256' as const, credential]])]]),
  }
  const topic = {
    name: 'orders',
    id: 'AAAAAAAAAAAAAAAAAAAAAQ',
    partitionCount: 3,
    configs: [['retention.ms', '1000']] as [string, string][],
  }
  const acl =
    '{"version":1,"acls":[\n{"resourceType":"TOPIC","patternType":"LITERAL","name":"orders","principal":"User:alice","host":"*","operation":"READ","permission":"ALLOW"}\n]}'
  const quota =
    '{"version":1,"quotas":[\n{"entity":[{"type":"user","name":null}],"values":[{"key":"producer_byte_rate","value":1000}]}\n]}'
  const words = [
    '"version":1',
    'null',
    '{}',
    '[]',
    '""',
    '1e999',
    '-1',
    'true',
    '"__proto__":',
    '"acls":',
    '"users":',
    '"quotas":',
    '"topics":',
    '"TOPIC"',
    '\n',
    ',',
  ]
  const json = (name: string, seed: string | Buffer, read: (content: Buffer) => unknown): Target => ({
    name: `stored/${name}`,
    seeds: [Buffer.from(seed)],
    words,
    refusals: [StoredDataError],
    mayAllocate: (input) => input.length * 32 + 256 * 1024,
    run: (input) => {
      const document = read(input)
      return typeof document === 'function' ? (document as () => void) : true
    },
  })
  return [
    json(
      'catalog',
      catalog.writeCatalog({ version: 1, clusterId: 'c', topics: [topic], deleting: ['x'] }),
      (content) => {
        const document = catalog.readCatalog(content)
        return () =>
          mustEqual(
            catalog.writeCatalog(catalog.readCatalog(catalog.writeCatalog(document))),
            catalog.writeCatalog(document),
            'written again',
          )
      },
    ),
    json('users', await writeUsers(users, nodeClock), readUsers),
    json('ACLs', acl, readAcls),
    json('quotas', quota, readQuotas),
    json('asked leaders', writeAskedLeaders(new Map([[7, 2]])), (content) => readAskedLeaders(content).size > 0),
    {
      name: 'stored/document',
      seeds: [encodeDocument('acls', Buffer.from(acl)), Buffer.from(acl)],
      words: ['rivven-document ', '1', 'acls', '\n'],
      refusals: [],
      run: (input) => decodeDocument('acls', input).kind !== 'damaged',
    },
  ]
}
