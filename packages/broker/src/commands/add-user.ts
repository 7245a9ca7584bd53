import { passwordOf } from '@rivven/config'
import type { Runtime } from '@rivven/runtime'
import { AloneDocuments } from '../cluster/alone/alone-documents.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { ConfigError } from '../config/config-error.js'
import { openLog } from '../log-output.js'
import { type NewPassword, setPassword } from '../security/users/new-password.js'
import { passwordFromFile } from '../security/users/password-file.js'
import { UserStore } from '../security/users/user-store.js'
import { scramKinds } from '../security/users/users.js'
import { openDataFolder } from './open-data-folder.js'

export interface NewUser {
  readonly name: string
  /** `-`: stdin. Never the password itself, which everybody on the machine could see. */
  readonly passwordFile: string
  /** Default: all. */
  readonly mechanism?: string
  /** Default 8192. */
  readonly iterations?: string
}

export interface AddUserOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly readStdin: () => Promise<Buffer>
}

/** Makes a user of a broker that is not running, or gives it another password. Resolves to what was done, in a sentence. */
export async function addUser(user: NewUser, { config, runtime, readStdin }: AddUserOptions): Promise<string> {
  if (config.storage)
    throw new ConfigError(
      'Users in a database that brokers share are made by a broker that runs: use bootstrap_admin, or rivvenctl.',
    )
  if (config.memory) throw new ConfigError('A broker in memory keeps no users: say which folder with --data-dir.')
  const { name, passwordFile } = user
  const mechanisms = mechanismsOf(user)
  const password =
    passwordFile === '-' ? passwordOf(await readStdin(), 'stdin') : await passwordFromFile(passwordFile, runtime.disk)
  const log = openLog(config.log_level)
  const { storage, lock } = await openDataFolder(config, runtime, log)
  try {
    storage.onNotice(({ level, text, facts }) => log[level](facts, text))
    const users = await UserStore.open({ ...runtime, documents: new AloneDocuments(storage) })
    const isNew = !users.users.has(name)
    await setPassword(users, { name, password, mechanisms, ...iterationsOf(user) }, runtime)
    const kinds = mechanisms.join(' and ')
    if (isNew) return `Added the user ${name} to ${config.data_dir}, for ${kinds}.`
    return `Set the password of ${name} in ${config.data_dir}, for ${kinds}.`
  } finally {
    await storage.close()
    lock?.release()
  }
}

function mechanismsOf({ mechanism }: NewUser) {
  if (mechanism === undefined) return scramKinds
  const kind = scramKinds.find((name) => name === mechanism.toUpperCase())
  if (kind === undefined) throw new ConfigError(`There is no mechanism ${mechanism}: use ${scramKinds.join(' or ')}.`)
  return [kind]
}

function iterationsOf({ iterations }: NewUser): Pick<NewPassword, 'iterations'> {
  if (iterations === undefined) return {}
  if (/^\d{1,6}$/.test(iterations)) return { iterations: Number(iterations) }
  throw new ConfigError(`--iterations is '${iterations}': it must be a whole number from 4096 to 16384.`)
}
