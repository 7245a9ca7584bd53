import { randomBytes } from 'node:crypto'
import { type Check, checks } from '@rivven/config'
import { type AclRule, ruleCheck } from './acl-rules.js'

const passwordMechanisms = ['scram-sha-256', 'scram-sha-512', 'plain'] as const
export type PasswordMechanism = (typeof passwordMechanisms)[number]
export type Mechanism = PasswordMechanism | 'oauthbearer'

/** Who the clients of a broker are, and what they may do. */
export interface SecurityOptions {
  /** Who may log in, with their passwords. */
  users?: Readonly<Record<string, string>>
  /** Who may do everything. Those that are not among `users` get a password of their own (`clientOptions` knows it). */
  superUsers?: readonly string[]
  /** Rules, made by `allow` and `deny`. What no rule allows is not allowed. */
  acls?: readonly AclRule[]
  /** Encrypt connections, with a certificate of `rivven.certificates`; default: no. */
  tls?: boolean
  /**
   * How users log in. Default: `scram-sha-256`, `scram-sha-512` and `plain` where there are users, or super users that are not
   * known by their certificates (`clientAuth`); else not at all. With `oauthbearer` whoever has a token of `security.tokenFor` is
   * the user that it names.
   */
  mechanisms?: readonly Mechanism[]
  /**
   * Are clients asked for a certificate (`tls`)? Where there are no mechanisms its name is the user's. `requested`: who has
   * none is the user ANONYMOUS. Default: `none`.
   */
  clientAuth?: 'none' | 'requested' | 'required'
}

/** The options, with what follows from them. */
export interface SecurityPlan extends Required<Omit<SecurityOptions, 'users'>> {
  readonly users: ReadonlyMap<string, string>
  /** Do rules say what clients may do? Else everybody may do everything. */
  readonly hasRules: boolean
}

const { fitting, flag, listOf, object, oneOf, optional } = checks

export const mechanismCheck = oneOf(...passwordMechanisms, 'oauthbearer')

/** Not `text`, which shows what it refuses. */
const password: Check = (value, name) =>
  typeof value === 'string' && value !== '' ? undefined : { text: `${name} must be a text that is not empty.` }

/** `;` divides the names of super users. */
const name = fitting(
  'the name of a user, without User: and ;',
  (value) => typeof value === 'string' && /^(?!User:)(?!\*$)[^;]+$/.test(value),
)

const users: Check = (value, where) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { text: `${where} must be an object.`, hint: `As in ${where}: { alice: 'secret' }.` }
  for (const [user, secret] of Object.entries(value)) {
    const misfit = name(user, `a name in ${where}`) ?? password(secret, `${where}.${user}`)
    if (misfit) return misfit
  }
  return undefined
}

const fields = object<SecurityOptions>(
  {
    users: optional(users),
    superUsers: optional(listOf(name, "As in superUsers: ['admin'].")),
    acls: optional(listOf(ruleCheck, "As in acls: [allow('alice', 'read', topic('orders'))].")),
    tls: optional(flag),
    mechanisms: optional(listOf(mechanismCheck, "As in mechanisms: ['plain'].")),
    clientAuth: optional(oneOf('none', 'requested', 'required')),
  },
  {
    otherNames: {
      ssl: 'Write tls: true.',
      sasl: "Write users: { alice: 'secret' }, and mechanisms: ['plain'] where it matters which.",
      mechanism: "Write mechanisms: ['plain'].",
      passwords: "Write users: { alice: 'secret' }.",
      rules: "Write acls: [allow('alice', 'read', topic('orders'))].",
    },
  },
)

/** The option `security`. */
export const securityCheck: Check = (value, where) => {
  const misfit = fields(value, where)
  if (misfit) return misfit
  const { tls, users, mechanisms, clientAuth } = value as SecurityOptions
  if (clientAuth && clientAuth !== 'none' && !tls)
    return { text: `${where}.clientAuth is set, and clients show certificates in TLS only.`, hint: 'Write tls: true.' }
  if (users && mechanisms?.length === 0)
    return { text: `${where}.users have passwords, and with no mechanisms nobody can log in.`, hint: 'Leave one out.' }
  return undefined
}

export function planOf(options: SecurityOptions): SecurityPlan {
  const { users = {}, superUsers = [], acls = [], tls = false, clientAuth = 'none' } = options
  const hasUsers = options.users !== undefined || (superUsers.length > 0 && clientAuth === 'none')
  const used = options.mechanisms ?? (hasUsers ? passwordMechanisms : [])
  const passwords = new Map(Object.entries(users))
  return {
    users: used.length > 0 ? withPasswords(passwords, superUsers) : passwords,
    superUsers,
    acls,
    tls,
    clientAuth,
    mechanisms: used,
    hasRules:
      used.length > 0 || clientAuth !== 'none' || options.superUsers !== undefined || options.acls !== undefined,
  }
}

function withPasswords(users: ReadonlyMap<string, string>, superUsers: readonly string[]): ReadonlyMap<string, string> {
  const made = superUsers.map((name) => [name, randomBytes(16).toString('base64url')] as const)
  return new Map([...made, ...users])
}
