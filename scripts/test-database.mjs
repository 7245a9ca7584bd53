// One PostgreSQL for all test files of a run, if one of them asks for it.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What such files read. */
const variable = 'RIVVEN_TEST_DATABASE'

/**
 * Tells these files, by the environment, which database they may use: the one that is named there already, else a server
 * that is started here and ends with this process. Where there is none, says so in a line: their tests are skipped.
 */
export async function provideDatabase(files, { root, print }) {
  if (process.env[variable] || !needsDatabase(files)) return
  const { testDatabase } = await import(join(root, 'test/dist/support/postgres/test-database.js'))
  const database = await testDatabase()
  if (typeof database === 'string') print(`Tests on PostgreSQL are skipped: ${database}`)
  else process.env[variable] = database.url
}

/** Whether one of them, or what it imports of ours, reads the variable. */
export function needsDatabase(files) {
  const waiting = [...files]
  const seen = new Set()
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file) || !existsSync(file)) continue
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    if (text.includes(variable)) return true
    for (const [, path] of text.matchAll(/from '(\.[^']+\.js)'/g)) waiting.push(join(dirname(file), path))
  }
  return false
}
