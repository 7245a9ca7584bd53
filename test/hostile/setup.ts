import { type Acl, Admin } from '@rivven/client'
import { pem } from '../support/certificates.js'
import { type Ports, passwords } from './places.js'

const topics = [
  { name: 'good-eager', partitions: 6, replicationFactor: 1 },
  { name: 'good-cooperative', partitions: 6, replicationFactor: 1 },
  { name: 'good-static', partitions: 6, replicationFactor: 1 },
  { name: 'good-copies', partitions: 3, replicationFactor: 1 },
  // What attacks are about.
  { name: 'there', partitions: 2, replicationFactor: 1 },
  { name: 'wide', partitions: 100, replicationFactor: 1 },
]

const kinds = ['TOPIC', 'GROUP', 'TRANSACTIONAL_ID'] as const

const quotas = { producer_byte_rate: 1e12, consumer_byte_rate: 1e12, request_percentage: 1e6 }

/** Whoever may DELETE the cluster may delete every topic. */
const clusterOperations = [
  'CREATE',
  'DESCRIBE',
  'ALTER',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
] as const

/** All that is called good belongs to those who are; whoever comes without a name may do everything with everything else. */
function acls(): Acl[] {
  const good = ['User:eager', 'User:cooperative', 'User:CN=alice,O=Orders'].flatMap((principal) =>
    kinds.map(
      (resourceType): Acl => rule(principal, 'ALLOW', { resourceType, resourceName: 'good-', patternType: 'PREFIXED' }),
    ),
  )
  const anonymous = kinds.flatMap((resourceType): Acl[] => [
    rule('User:ANONYMOUS', 'ALLOW', { resourceType, resourceName: '*' }),
    rule('User:ANONYMOUS', 'DENY', { resourceType, resourceName: 'good-', patternType: 'PREFIXED' }),
  ])
  const cluster = { resourceType: 'CLUSTER', resourceName: 'kafka-cluster' } as const
  const onCluster = clusterOperations.map((operation) => rule('User:ANONYMOUS', 'ALLOW', cluster, operation))
  return [...good, ...anonymous, ...onCluster]
}

function rule(
  principal: string,
  permissionType: 'ALLOW' | 'DENY',
  resource: Pick<Acl, 'resourceType' | 'resourceName' | 'patternType'>,
  operation: Acl['operation'] = 'ALL',
): Acl {
  return { principal, permissionType, operation, ...resource }
}

/** Makes topics, users and rights. */
export async function setUp(ports: Ports): Promise<void> {
  const admin = adminOf(ports)
  try {
    await admin.createTopics(topics)
    const { admin: _, ...others } = passwords
    await admin.alterUsers(
      Object.entries(others).map(([user, password]) => ({ user, mechanism: 'scram-sha-256', password })),
    )
    await admin.createAcls(acls())
    // Nobody comes near these, but every client id and every user has counts of its own.
    await admin.alterQuotas([
      { clientId: null, quotas },
      { user: null, clientId: null, quotas },
    ])
  } finally {
    await admin.close()
  }
}

/** Who may do everything. */
export function adminOf(ports: Ports): Admin {
  return new Admin({
    bootstrapServers: `127.0.0.1:${ports.saslSsl}`,
    ssl: { ca: pem('ca.pem') },
    sasl: { mechanism: 'plain', username: 'admin', password: passwords.admin },
  })
}
