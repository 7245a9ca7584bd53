import type { Runtime } from '@rivven/runtime'
import type { Documents } from '../cluster/documents.js'
import { type Access, accessOf } from './access.js'
import { AclStore } from './acls/acl-store.js'
import { Authorizer } from './authorizer.js'
import { QuotaStore } from './quotas/quota-store.js'
import type { QuotaWindows } from './quotas/quota-window.js'
import { createSaslServer, type SaslMechanism } from './sasl/mechanism.js'
import type { SaslServer } from './sasl/sasl-server.js'
import type { TokenCheck } from './tokens/token-check.js'
import { TokenChecks } from './tokens/token-checks.js'
import { PasswordChecks } from './users/password-checks.js'
import { UserStore } from './users/user-store.js'

export interface SecurityOptions {
  readonly documents: Documents
  readonly runtime: Runtime
  /** Something that an operator should know of. */
  readonly warn: (text: string) => void
  /** Do ACLs say what clients may do? Else everybody may do everything. */
  readonly authorizes: boolean
  readonly superUsers: ReadonlySet<string>
  readonly allowEveryoneIfNoAclFound: boolean
  readonly quotaWindows: QuotaWindows
}

interface Stores {
  readonly users: UserStore
  readonly acls: AclStore
  readonly quotas: QuotaStore
}

/** Who clients are, what they may do, and how much: for listeners and handlers. */
export class Security {
  readonly users: UserStore
  readonly quotas: QuotaStore
  readonly tokens: TokenChecks
  readonly #acls: AclStore
  readonly #authorizer: Authorizer | null
  readonly #passwords: PasswordChecks
  readonly #runtime: Runtime

  private constructor({ users, acls, quotas }: Stores, options: SecurityOptions) {
    const { authorizes, superUsers, allowEveryoneIfNoAclFound, runtime } = options
    this.users = users
    this.quotas = quotas
    this.tokens = new TokenChecks(runtime, options.warn)
    this.#acls = acls
    this.#authorizer = authorizes ? new Authorizer({ acls: acls.image, superUsers, allowEveryoneIfNoAclFound }) : null
    this.#passwords = new PasswordChecks({ users, random: runtime.random, hashing: runtime.hashing })
    this.#runtime = runtime
  }

  /** @throws StoredDataError when what is stored are no users, ACLs or quotas */
  static async open(options: SecurityOptions): Promise<Security> {
    const { documents, runtime, quotaWindows: windows, warn } = options
    const { clock, random } = runtime
    const users = await UserStore.open({ documents, clock, random, warn })
    const acls = await AclStore.open({ documents, clock, warn })
    const quotas = await QuotaStore.open({ documents, clock, windows, warn })
    return new Security({ users, acls, quotas }, options)
  }

  /** Null where there is no authorizer: then ACLs have no meaning. */
  get acls(): AclStore | null {
    return this.#authorizer === null ? null : this.#acls
  }

  /** What the principal may do who comes from the host. */
  accessOf(principal: string, host: string): Access {
    return accessOf(this.#authorizer, principal, host)
  }

  /** Of one login; `tokens` says which ones the listener takes. */
  newSaslServer(mechanism: SaslMechanism, tokens?: TokenCheck): SaslServer {
    const { random } = this.#runtime
    return createSaslServer(mechanism, { credentials: this.users, passwords: this.#passwords, random, tokens })
  }

  /** Resolves when all changes of users, ACLs and quotas are done. */
  async settled(): Promise<void> {
    await this.users.settled()
    await this.#acls.settled()
    await this.quotas.settled()
  }
}
