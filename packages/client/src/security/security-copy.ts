import type { SecurityOptions, SslOptions } from '@rivven/link'
import { isTokenLogin, type PasswordLogin, type TokenLogin } from '@rivven/link'

export interface SecurityCopy {
  ssl: boolean | SslOptions | undefined
  /** Tokens come from the thread that can ask for them. */
  sasl: PasswordLogin | Omit<TokenLogin, 'token'> | undefined
}

/** The options as values that another thread can be given: without functions, and with what is not enumerable. */
export function copyOfSecurity({ ssl, sasl }: SecurityOptions): SecurityCopy {
  return {
    ssl:
      typeof ssl === 'object' ? { ...ssl, ...(ssl.passphrase !== undefined && { passphrase: ssl.passphrase }) } : ssl,
    sasl: sasl && (isTokenLogin(sasl) ? { mechanism: sasl.mechanism } : passwordCopy(sasl)),
  }
}

function passwordCopy({ mechanism, username, password }: PasswordLogin): PasswordLogin {
  return { mechanism, username, password }
}
