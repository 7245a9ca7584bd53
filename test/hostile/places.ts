import { passwordOf } from '../support/passwords.js'

/** Where the broker listens: a port for each kind of listener. */
export interface Ports {
  /** Everybody is ANONYMOUS. */
  plain: number
  sasl: number
  /** Clients need a certificate. */
  ssl: number
  saslSsl: number
  /** Clients need a certificate of another authority, which has a list of those that it revoked. */
  strict: number
  http: number
}

export type Place = keyof Ports

/** `mallory` can log in, and may do nothing. */
export const passwords = {
  admin: passwordOf('admin'),
  eager: passwordOf('eager'),
  cooperative: passwordOf('cooperative'),
  mallory: passwordOf('mallory'),
} as const
