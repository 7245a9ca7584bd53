import { bootstrapAdminOf } from './bootstrap-admin.js'
import type { BrokerConfig } from './broker-config.js'
import { ConfigError } from './config-error.js'
import type { ListenerConfig } from './listeners/listener.js'
import { authenticates } from './listeners/listener-rules.js'

export interface Authorization {
  /** Do ACLs say what clients may do? */
  readonly authorizes: boolean
  readonly superUsers: ReadonlySet<string>
  readonly allowEveryoneIfNoAclFound: boolean
}

/** Passwords without rules would let every user do everything, so that must be asked for. Throws ConfigError. */
export function authorizationOf(config: BrokerConfig, listeners: readonly ListenerConfig[]): Authorization {
  const { authorizer_class_name: name, super_users: superUsers } = config
  const admin = bootstrapAdminOf(config)
  return {
    authorizes: name === '' ? listeners.some(authenticates) : name !== 'none',
    superUsers: new Set([...principalsOf(superUsers), ...(admin ? [`User:${admin.name}`] : [])]),
    allowEveryoneIfNoAclFound: config.allow_everyone_if_no_acl_found,
  }
}

/** Divided by `;`: a name may hold commas, and colons behind the first. */
function principalsOf(text: string): string[] {
  const principals = text.split(';').flatMap((item) => item.trim() || [])
  const odd = principals.find((principal) => !/^User:./.test(principal))
  if (odd === undefined) return principals
  throw new ConfigError(`super_users has '${odd}', which is no User:name; several have ';' between.`)
}
