// `npm pack` and `npm publish` run this in a package before they look for its files: what all packages share is copied into it,
// and a library is made for those that only `require` (scripts/manifests.mjs says who they are). All of it is ignored by git.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const here = process.cwd()
const from = join(here, 'dist/src')
const to = join(here, 'dist/cjs')

for (const file of ['LICENSE', 'CHANGELOG.md']) copyFileSync(join(root, file), join(here, file))
if (existsSync(from)) {
  removeOrphans(readdirSync(from, { recursive: true }))
  await makeCommonJs(readdirSync(from, { recursive: true }))
}

/** What was compiled from a file that is gone stays in dist, and would go to everybody. */
function removeOrphans(files) {
  for (const file of files) {
    const compiled = /^(.*)\.(js|d\.ts)(\.map)?$/.exec(file)
    if (compiled && !existsSync(join(here, 'src', `${compiled[1]}.ts`))) rmSync(join(from, file))
  }
}

/** File by file, so that the paths between them stay. */
async function makeCommonJs(files) {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  writeFileSync(join(to, 'package.json'), '{ "type": "commonjs" }\n')
  const modules = files.filter((file) => file.endsWith('.js') && !file.endsWith('main.js'))
  const isWorker = (file) => file.endsWith('-worker.js')
  await translate(
    modules.filter((file) => !isWorker(file)),
    false,
  )
  // A worker thread is Node's own everywhere, and imports what it is told by its URL.
  await translate(modules.filter(isWorker), true)
  for (const file of files.filter((each) => each.endsWith('.d.ts'))) copyTypes(file)
}

async function translate(modules, keepsImport) {
  await build({
    entryPoints: modules.map((file) => join(from, file)),
    outbase: from,
    outdir: to,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href" },
    define: { 'import.meta.url': 'moduleUrl' },
    // Jest has no import() without a flag of Node.
    supported: { 'dynamic-import': keepsImport },
    logLevel: 'warning',
  })
}

function copyTypes(file) {
  const types = readFileSync(join(from, file), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '')
  mkdirSync(dirname(join(to, file)), { recursive: true })
  writeFileSync(join(to, file), types)
}
