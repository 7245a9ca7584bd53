import type { Broker } from '@rivven/broker'
import { runtime } from '../guest.js'
import type { AclRule, Operation, Resource } from '../security/acl-rules.js'
import { BrokerSecurity, type RivvenSecurity } from '../security/broker-security.js'
import type { TokenOptions } from '../security/token-authority.js'

/** What clients of a cluster may do. A change is made at one broker, and counts when all that run know of it. */
export class ClusterSecurity implements RivvenSecurity {
  readonly #running: () => readonly Broker[]
  readonly #one: BrokerSecurity

  /** `running` throws where there is none. */
  constructor(running: () => readonly Broker[]) {
    this.#running = running
    this.#one = new BrokerSecurity(() => (running()[0] as Broker).security, runtime.clock)
  }

  async allow(user: string, operation: Operation | readonly Operation[], resource: Resource): Promise<void> {
    await this.#one.allow(user, operation, resource)
    await this.known()
  }

  async deny(user: string, operation: Operation | readonly Operation[], resource: Resource): Promise<void> {
    await this.#one.deny(user, operation, resource)
    await this.known()
  }

  async remove(...rules: AclRule[]): Promise<void> {
    await this.#one.remove(...rules)
    await this.known()
  }

  tokenFor(user: string, options?: TokenOptions): string {
    return this.#one.tokenFor(user, options)
  }

  /** Resolves when all brokers that run know what the first one knows now. */
  async known(): Promise<void> {
    const [first, ...others] = this.#running()
    const version = first?.cluster.image.version ?? 0
    await Promise.all(others.map(({ cluster }) => reached(cluster, version)))
  }
}

function reached(cluster: Broker['cluster'], version: number): Promise<void> {
  if (cluster.image.version >= version) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = cluster.onChange((now) => {
      if (now.version < version) return
      stop()
      resolve()
    })
  })
}
