import { randomBytes } from 'node:crypto'
import { PostgresServer } from './server.js'

/** Settings of a server that many tests use: what a crash of the machine would take needs no flush. */
const quick = { fsync: 'off' }

/**
 * The database that tests share: the one that RIVVEN_TEST_DATABASE names, which `npm test` sets, else one of this process's
 * own. A sentence: why there is none, so that its tests are skipped.
 */
export async function testDatabase(): Promise<{ url: string } | string> {
  const { RIVVEN_TEST_DATABASE: url } = process.env
  if (url) return { url }
  return PostgresServer.start(quick)
}

/** For `--storage`: this database with a schema that nobody has. */
export function inOwnSchema({ url }: { url: string }): string {
  const own = new URL(url)
  own.searchParams.set('schema', `test_${randomBytes(6).toString('hex')}`)
  return own.href
}
