// Builds, then runs every compiled test with Node's test runner. `npm test -- NAME...` keeps the files whose path has NAME in it.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { provideDatabase } from './test-database.mjs'
import { runTestFiles } from './test-files.mjs'
import { listsOf } from './test-lists.mjs'

const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'))

function testFiles(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (name === 'node_modules') return []
    if (statSync(path).isDirectory()) return testFiles(path)
    return name.endsWith('.test.js') && existsSync(sourceOf(path)) ? [path] : []
  })
}

/** These take a minute and more: begun first, they are not what everybody waits for at the end. */
const longest = [
  'simulation/dist/test/storms.test',
  'simulation/dist/test/simulation.test',
  'hostile/campaign',
  'interop/kafkajs',
]
const rankOf = (file) => (longest.some((name) => file.includes(name)) ? 0 : 1)

/** What was compiled from a test that has moved or is gone stays in dist. */
function sourceOf(path) {
  const source = relative(root, path).replace(/([\\/])dist[\\/]/, '$1')
  return join(root, source.replace(/js$/, 'ts'))
}

for (const step of [['node_modules/typescript/bin/tsc', '-b'], ['scripts/bundle.mjs']]) {
  const { status } = spawnSync(process.execPath, step, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'dist/test'))
const files = [...packages, join(root, 'test/dist')]
  .filter((folder) => statSync(folder, { throwIfNoEntry: false }))
  .flatMap(testFiles)
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort((one, other) => rankOf(one) - rankOf(other))
if (files.length === 0) {
  console.error(`No test file has ${wanted.join(' or ')} in its path.`)
  process.exit(1)
}
await provideDatabase(files, { root, print: console.log })
process.exitCode = (await runTestFiles(listsOf(files), { root, print: console.log })) ? 0 : 1
