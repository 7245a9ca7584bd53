import { ConfigError } from '@rivven/config'
import type { BearerToken, TokenLogin } from '@rivven/link'
import type { Disk } from '@rivven/runtime'
import type { Said } from './said.js'

/**
 * Logs in with the token that is in `sasl_token_file`: whatever keeps that file fresh (Kubernetes does so for service accounts)
 * need know nothing of the client. Throws ConfigError.
 */
export async function tokenLogin(said: Said, disk: Pick<Disk, 'readFile'>): Promise<TokenLogin> {
  for (const prefix of ['sasl_username', 'sasl_password']) {
    const key = said.anyOf(prefix)
    if (key === undefined) continue
    throw new ConfigError(
      `${key} is set, and sasl_mechanism is oauthbearer: the token says who logs in. Leave one out.`,
    )
  }
  const file = said.text('sasl_token_file')
  if (file === undefined)
    throw new ConfigError('sasl_mechanism is oauthbearer: set sasl_token_file, or give the option sasl in code.')
  // The first time it is read here: a pipe (`<(command)`) can be read once.
  let first: BearerToken | null = await tokenIn(file, disk).catch((error: Error) => {
    throw new ConfigError(`sasl_token_file cannot be read: ${error.message}.`)
  })
  const token = async (): Promise<BearerToken> => {
    const next = first ?? (await tokenIn(file, disk))
    first = null
    return next
  }
  return { mechanism: 'oauthbearer', token }
}

async function tokenIn(file: string, disk: Pick<Disk, 'readFile'>): Promise<BearerToken> {
  return { value: (await disk.readFile(file)).toString().trim() }
}
