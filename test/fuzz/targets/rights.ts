import {
  AlterClientQuotas,
  type Api,
  CreateAcls,
  DecodeError,
  DescribeAcls,
  DescribeClientQuotas,
  decodeBody,
  encodeBody,
  type RequestOf,
} from '@rivven/protocol'
import { nodeClock } from '@rivven/runtime'
import { Finding, type Target } from '../harness/target.js'
import { inside } from '../inside.js'

type AclMessages = typeof import('../../../packages/broker/dist/src/handlers/security/acl-messages.js')
type AclRequests = typeof import('../../../packages/broker/dist/src/security/acls/acl-request.js')
type AclIndexes = typeof import('../../../packages/broker/dist/src/security/acls/acl-index.js')
type AclFilters = typeof import('../../../packages/broker/dist/src/security/acls/acl-filter.js')
type AclDocuments = typeof import('../../../packages/broker/dist/src/security/acls/acl-document.js')
type Peers = typeof import('../../../packages/broker/dist/src/security/acls/peer.js')
type Alterations = typeof import('../../../packages/broker/dist/src/security/quotas/quota-alteration.js')
type QuotaDocuments = typeof import('../../../packages/broker/dist/src/security/quotas/quota-document.js')
type QuotaFilters = typeof import('../../../packages/broker/dist/src/security/quotas/quota-filter.js')
type Addresses = typeof import('../../../packages/broker/dist/src/security/quotas/address.js')
type Acl = import('../../../packages/broker/dist/src/security/acls/acl.js').Acl

const bodyOf = (api: Api, version: number, request: unknown): Buffer => encodeBody(api, version, 'request', request)

function requestIn<A extends Api>(api: A, version: number, input: Buffer): RequestOf<A> {
  return decodeBody(api, version, 'request', input).message as RequestOf<A>
}

/** ACLs and quotas, behind the message that they come in. */
export async function rightsTargets(): Promise<Target[]> {
  return [await aclTarget(), await aclFilterTarget(), await hostTarget(), ...(await quotaTargets())]
}

const creation = {
  resourceType: 2,
  resourceName: 'orders',
  resourcePatternType: 3,
  principal: 'User:alice',
  host: '*',
  operation: 3,
  permissionType: 3,
}
const others = { ...creation, resourceName: 'order', resourcePatternType: 4, permissionType: 2, host: '::1' }

async function aclTarget(): Promise<Target> {
  const { requestedAcl } = await inside<AclMessages>('broker/src/handlers/security/acl-messages.js')
  const { aclFault } = await inside<AclRequests>('broker/src/security/acls/acl-request.js')
  const { AclIndex } = await inside<AclIndexes>('broker/src/security/acls/acl-index.js')
  const { aclText, readAcls, writeAcls } = await inside<AclDocuments>('broker/src/security/acls/acl-document.js')
  return {
    name: 'rights/ACLs',
    seeds: [bodyOf(CreateAcls as Api, 3, { creations: [creation, others, { ...creation, resourceName: '*' }] })],
    words: ['*', 'User:*', 'User:', 'kafka-cluster', '__proto__'],
    refusals: [DecodeError],
    // It is an index, of whatever may be asked for.
    mayAllocate: (input) => input.length * 64 + 256 * 1024,
    run: async (input) => {
      const asked = requestIn(CreateAcls, 3, input).creations.map(requestedAcl)
      const acls = asked.filter((acl) => aclFault(acl) === undefined) as Acl[]
      const index = new AclIndex(acls)
      for (const { name, resourceType } of asked) {
        if (resourceType !== 'UNKNOWN' && resourceType !== 'ANY')
          mustBeOver(index.patternsOver(resourceType, name), acls, { name, resourceType })
      }
      const stored = await writeAcls(new Set(acls.map(aclText)), nodeClock)
      if (readAcls(stored).length !== index.count) throw new Finding('ACLs are others when they are stored')
      index.change({ removed: acls })
      if (index.count !== 0 || [...index.acls()].length !== 0) throw new Finding('ACLs are left over')
      return acls.length > 0
    },
  }
}

/** Each ACL is asked by itself: does the name fall under it? */
function mustBeOver(
  found: readonly { name: string; kind: string }[],
  acls: readonly Acl[],
  { name, resourceType }: Pick<Acl, 'name' | 'resourceType'>,
): void {
  const isMeant = (acl: Acl) =>
    acl.patternType === 'PREFIXED' ? name.startsWith(acl.name) : acl.name === '*' || acl.name === name
  const meant = acls
    .filter((acl) => acl.resourceType === resourceType && isMeant(acl))
    .map((acl) => `${acl.patternType} ${acl.name}`)
  const names = found.map((pattern) => `${pattern.kind} ${pattern.name}`)
  const [expected, actual] = [[...new Set(meant)].sort(), names.sort()]
  if (JSON.stringify(expected) !== JSON.stringify(actual))
    throw new Finding(`${JSON.stringify(name)} falls under ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
}

async function aclFilterTarget(): Promise<Target> {
  const { requestedFilter } = await inside<AclMessages>('broker/src/handlers/security/acl-messages.js')
  const { AclIndex } = await inside<AclIndexes>('broker/src/security/acls/acl-index.js')
  const { aclsMeant } = await inside<AclFilters>('broker/src/security/acls/acl-filter.js')
  const { requestedAcl } = await inside<AclMessages>('broker/src/handlers/security/acl-messages.js')
  const index = new AclIndex([creation, others].map(requestedAcl) as Acl[])
  const filter = {
    resourceTypeFilter: 1,
    resourceNameFilter: 'orders',
    patternTypeFilter: 2,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  }
  return {
    name: 'rights/filters of ACLs',
    seeds: [
      filter,
      { ...filter, resourceNameFilter: null, patternTypeFilter: 1 },
      { ...filter, principalFilter: 'User:alice', resourceTypeFilter: 2 },
    ].map((one) => bodyOf(DescribeAcls as Api, 3, one)),
    words: ['orders', 'order', '*', 'User:alice'],
    refusals: [DecodeError],
    run: (input) => [...aclsMeant(index, requestedFilter(requestIn(DescribeAcls, 3, input)))].flat().length > 0,
  }
}

/** Hosts as sockets have them, and as ACLs may spell them. */
async function hostTarget(): Promise<Target> {
  const { peerOf } = await inside<Peers>('broker/src/security/acls/peer.js')
  const { addressOf } = await inside<Addresses>('broker/src/security/quotas/address.js')
  return {
    name: 'rights/addresses',
    seeds: ['127.0.0.1', '::1', 'fe80::1%eth0', '::ffff:10.0.0.1', '2001:db8:0:0:1::', '1:2:3:4:5:6:7:8', '*'].map(
      (text) => Buffer.from(text),
    ),
    words: ['::', ':', '.', '%', 'ffff', '255', '0'],
    refusals: [],
    run: (input) => {
      const text = input.toString()
      // Of a socket: no longer than an address is.
      peerOf('User:alice', text.slice(0, 128))
      const address = addressOf(text)
      if (address === undefined) return false
      if (addressOf(address) !== address) throw new Finding(`${address} of ${text} is ${addressOf(address)}`)
      return true
    },
  }
}

async function quotaTargets(): Promise<Target[]> {
  const { alterQuotas } = await inside<Alterations>('broker/src/security/quotas/quota-alteration.js')
  const { readQuotas, writeQuotas } = await inside<QuotaDocuments>('broker/src/security/quotas/quota-document.js')
  const { filterFault, quotasMeant } = await inside<QuotaFilters>('broker/src/security/quotas/quota-filter.js')
  const entries = [
    {
      entity: [
        { entityType: 'user', entityName: 'alice' },
        { entityType: 'client-id', entityName: null },
      ],
      ops: [{ key: 'producer_byte_rate', value: 1e6, remove: false }],
    },
    {
      entity: [{ entityType: 'ip', entityName: '::1' }],
      ops: [{ key: 'connection_creation_rate', value: 10, remove: false }],
    },
    {
      entity: [{ entityType: 'user', entityName: 'alice' }],
      ops: [{ key: 'request_percentage', value: 0, remove: true }],
    },
  ]
  const filters = [
    { components: [{ entityType: 'user', matchType: 0, match: 'alice' }], strict: true },
    {
      components: [
        { entityType: 'client-id', matchType: 1, match: null },
        { entityType: 'user', matchType: 2, match: null },
      ],
      strict: false,
    },
  ]
  const words = [
    'user',
    'client-id',
    'ip',
    'producer_byte_rate',
    'consumer_byte_rate',
    'request_percentage',
    'controller_mutation_rate',
    '__proto__',
    'constructor',
    '127.0.0.1',
  ]
  const quotas = new Map()
  alterQuotas(quotas, asked(entries), 100)
  return [
    {
      name: 'rights/quotas',
      seeds: [bodyOf(AlterClientQuotas as Api, 1, { entries, validateOnly: false })],
      words,
      refusals: [DecodeError],
      mayAllocate: (input) => input.length * 64 + 256 * 1024,
      run: async (input) => {
        const altered = new Map()
        const results = alterQuotas(altered, asked(requestIn(AlterClientQuotas, 1, input).entries), 100)
        const stored = await writeQuotas(altered, nodeClock)
        const again = await writeQuotas(readQuotas(stored), nodeClock)
        if (!again.equals(stored)) throw new Finding(`quotas are others when they were stored: ${stored} and ${again}`)
        return results.length > 0
      },
    },
    {
      name: 'rights/filters of quotas',
      seeds: filters.map((filter) => bodyOf(DescribeClientQuotas as Api, 1, filter)),
      words,
      refusals: [DecodeError],
      run: (input) => {
        const filter = requestIn(DescribeClientQuotas, 1, input)
        return filterFault(filter) === undefined && quotasMeant(quotas, filter).length >= 0
      },
    },
  ]
}

function asked(entries: RequestOf<typeof AlterClientQuotas>['entries']) {
  return entries.map(({ entity, ops }) => ({
    entity: entity.map(({ entityType, entityName }) => ({ type: entityType, name: entityName })),
    ops,
  }))
}
