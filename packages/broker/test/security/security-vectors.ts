import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What Apache Kafka 4.3.1 says; compiled tests lie in dist/test/security. */
export function securityVectors<Vectors>(name: string): Vectors {
  const file = join(import.meta.dirname, `../../../test/vectors/${name}.json`)
  return JSON.parse(readFileSync(file, 'utf8')) as Vectors
}
