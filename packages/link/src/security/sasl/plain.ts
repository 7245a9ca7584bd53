import type { SaslMechanism } from './sasl-client.js'

/** RFC 4616: the password itself, so for encrypted connections only. */
export function plain(username: string, password: string): SaslMechanism {
  const attempt = () => ({
    begin: async () => Buffer.from(`\0${username}\0${password}`),
    answer: async () => null,
  })
  return { name: 'PLAIN', attempt }
}
