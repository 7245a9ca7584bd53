import { ConfigError } from '@rivven/config'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import { setPassword } from './new-password.js'
import { passwordFromFile } from './password-file.js'
import type { UserStore } from './user-store.js'

export interface BootstrapAdmin {
  readonly name: string
  /** Empty: there is none. */
  readonly passwordFile: string
}

/**
 * Makes the first user of all at a start that finds none, before anybody can connect: nobody could log in to make one. Did
 * it? Throws ConfigError where there is no password for it.
 */
export async function makeBootstrapAdmin(
  users: UserStore,
  { name, passwordFile }: BootstrapAdmin,
  { runtime, log }: { runtime: Runtime; log: Logger },
): Promise<boolean> {
  if (users.users.size > 0) {
    log.info({ name }, 'there are users: bootstrap_admin makes none, it is a super user as long as it is set')
    return false
  }
  if (passwordFile === '') {
    throw new ConfigError(
      `bootstrap_admin is ${name}, and there are no users yet: set bootstrap_admin_password_file to a file with its password.`,
    )
  }
  const password = await passwordFromFile(passwordFile, runtime.disk)
  await setPassword(users, { name, password }, runtime)
  log.info({ name }, 'made the first user, as bootstrap_admin says')
  return true
}
