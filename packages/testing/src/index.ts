export type { CertificateAndKey, Certificates } from './certificates/authority.js'
export type { RivvenNode } from './cluster/cluster-node.js'
export { type RivvenCluster, type RivvenClusterOptions, startRivvenCluster } from './cluster/start-rivven-cluster.js'
export { RivvenTestingError } from './rivven-testing-error.js'
export {
  type AclRule,
  allow,
  cluster,
  deny,
  group,
  type NamedResource,
  type Operation,
  type Resource,
  topic,
  transactionalId,
} from './security/acl-rules.js'
export type { RivvenSecurity } from './security/broker-security.js'
export type {
  ClientOptions,
  ClientWay,
  Login,
  TokenClientOptions,
  TokenLogin,
  TokenWay,
} from './security/client-options.js'
export type { Mechanism, PasswordMechanism, SecurityOptions } from './security/security-options.js'
export type { TokenOptions } from './security/token-authority.js'
export { type Rivven, type RivvenOptions, startRivven } from './start-rivven.js'
