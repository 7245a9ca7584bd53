import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../support/certificates')

/** Where one of the certificates or keys for tests is. */
export function pemFile(name: string): string {
  return join(folder, name)
}

export function pem(name: string): string {
  return readFileSync(pemFile(name), 'utf8')
}
