import type { BootstrapAdmin } from '../security/users/bootstrap-admin.js'
import type { BrokerConfig } from './broker-config.js'
import { ConfigError } from './config-error.js'

type Keys = Pick<BrokerConfig, 'bootstrap_admin' | 'bootstrap_admin_password_file'>

/** Who is to be the first user; undefined: nobody. Throws ConfigError. */
export function bootstrapAdminOf(config: Keys): BootstrapAdmin | undefined {
  const { bootstrap_admin: name, bootstrap_admin_password_file: passwordFile } = config
  if (name.startsWith('User:')) {
    throw new ConfigError(`bootstrap_admin is '${name}': it is the name alone, without User:.`)
  }
  if (name !== '') return { name, passwordFile }
  if (passwordFile === '') return undefined
  throw new ConfigError('bootstrap_admin_password_file is set, but nobody has that password: set bootstrap_admin, too.')
}
