/** Where the broker listens: a port for each kind of listener. */
export interface Ports {
  /** Everybody is ANONYMOUS. */
  plain: number
  sasl: number
  /** Clients need a certificate. */
  ssl: number
  saslSsl: number
  http: number
}

export type Place = keyof Ports

/** `mallory` can log in, and may do nothing. */
export const passwords = {
  admin: 'hostile-campaign-admin',
  eager: 'hostile-campaign-eager',
  cooperative: 'hostile-campaign-cooperative',
  mallory: 'hostile-campaign-mallory',
} as const
