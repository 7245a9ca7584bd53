import type { PostgresTls } from '../postgres-options.js'

/** How the driver encrypts. What it trusts without `ca` are the authorities that Node brings along. */
export function tlsOf({ checks, ca, cert, key }: PostgresTls, host: string) {
  return {
    // What the certificate must name; the driver itself looks at names only where they are no addresses.
    host,
    rejectUnauthorized: checks !== 'nothing',
    ...(checks !== 'name' && { checkServerIdentity: () => undefined }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}
