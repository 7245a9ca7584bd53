import { Admin, type ClusterOptions, type SaslOptions } from '@rivven/client'
import { addressText } from '@rivven/runtime'
import { pem, pemFile } from '../support/certificates.js'
import { newStorage, ownBroker } from '../support/own-broker.js'
import { passwordOf } from '../support/passwords.js'

const admin = { mechanism: 'plain', username: 'admin', password: passwordOf('admin') } as const

/** Before anybody is known, nobody is asked; then the same broker begins again and asks everybody. */
const open = { listen: '127.0.0.1:0', authorizer_class_name: 'none' }
const guarded = {
  listeners: 'SASL_SSL://127.0.0.1:0',
  ssl_certificate_location: pemFile('broker.pem'),
  ssl_key_location: pemFile('broker.key'),
  sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  authorizer_class_name: 'standard',
  super_users: 'User:admin',
}

export interface SecuredCluster extends AsyncDisposable {
  /** What a client of this user takes. */
  as(username: string, password: string, mechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512'): ClusterOptions
  /** What the super user takes. */
  readonly root: ClusterOptions
  /** An Admin of the super user. */
  readonly admin: Admin
}

/**
 * A broker that asks who comes, and what they may do: ours in this process, with TLS, or Apache Kafka at the host:port that
 * RIVVEN_TEST_SECURED_KAFKA names (a listener with SASL; `admin`, by PLAIN with `admin-secret`, is a super user).
 */
export async function securedCluster(config: Record<string, unknown> = {}): Promise<SecuredCluster> {
  const kafka = process.env.RIVVEN_TEST_SECURED_KAFKA
  return kafka ? clusterAt({ bootstrapServers: kafka }) : ours(config)
}

async function ours(config: Record<string, unknown>): Promise<SecuredCluster> {
  const storage = newStorage()
  const first = await ownBroker(open, { storage })
  const founder = new Admin({ bootstrapServers: addressText(first.address) })
  await founder.alterUsers([{ user: admin.username, mechanism: 'scram-sha-256', password: admin.password }])
  await founder.close()
  await first.close()
  const broker = await ownBroker({ ...guarded, ...config }, { storage })
  const where = { bootstrapServers: addressText(broker.address), ssl: { ca: pem('ca.pem') } }
  return clusterAt(where, () => broker.close())
}

function clusterAt(where: ClusterOptions, end: () => Promise<void> = async () => undefined): SecuredCluster {
  const root: ClusterOptions = { ...where, sasl: admin }
  const own = new Admin(root)
  return {
    root,
    admin: own,
    as: (username, password, mechanism = 'scram-sha-512') => {
      const sasl: SaslOptions = { mechanism, username, password }
      return { ...where, sasl }
    },
    async [Symbol.asyncDispose]() {
      await own.close()
      await end()
    },
  }
}
