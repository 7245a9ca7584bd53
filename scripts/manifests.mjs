// What all package.json files have in common, and where else the version is written. Checks it; with --write puts it right. A new
// version: change it in the root's package.json, then `node scripts/manifests.mjs --write` and `npm install`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const isWriting = process.argv.includes('--write')
const { version, license, engines } = readJson('package.json')
const home = 'https://github.com/rivven/rivven'

/** Both programs and libraries. */
function published(folder) {
  return {
    license,
    homepage: `${home}#readme`,
    repository: { type: 'git', url: `git+${home}.git`, directory: `packages/${folder}` },
    bugs: `${home}/issues`,
    keywords: ['kafka', 'kafka-client', 'consumer-group', 'event-streaming', 'message-broker', 'rivven'],
    type: 'module',
    engines,
    scripts: { prepack: 'node ../../scripts/prepack.mjs' },
    publishConfig: { access: 'public' },
  }
}

/**
 * One module for `import` and `require` wherever require takes ES modules (Node says so with `module-sync`); `require` alone is
 * for those that do not: Jest, TypeScript before 5.8 or with `module: node16`.
 */
const library = {
  main: './dist/cjs/index.js',
  types: './dist/src/index.d.ts',
  exports: {
    '.': {
      'module-sync': { types: './dist/src/index.d.ts', default: './dist/src/index.js' },
      import: { types: './dist/src/index.d.ts', default: './dist/src/index.js' },
      require: { types: './dist/cjs/index.d.ts', default: './dist/cjs/index.js' },
    },
    './package.json': './package.json',
  },
  files: ['dist/src', 'dist/cjs', 'src', 'CHANGELOG.md'],
}
/** Pages that scripts/dashboard.mjs makes. */
const withAssets = { ...library, files: [...library.files, 'assets'] }
const program = { files: ['bin', 'dist', 'CHANGELOG.md'] }

/** Where the version stands outside of package.json files. */
const alsoWritten = [
  ['packages/runtime/src/version.ts', /(?<=VERSION = ')[^']+/g],
  ['packages/opentelemetry/src/version.ts', /(?<=VERSION = ')[^']+/g],
  ['deploy/Dockerfile', /(?<=rivven:)\d[\w.-]+/g],
  ['deploy/compose.yaml', /(?<=rivven:)\d[\w.-]+/g],
  ['deploy/kubernetes/rivvend.yaml', /(?<=rivven:)\d[\w.-]+/g],
]

function wanted(folder, manifest) {
  const common = manifest.private
    ? { license, type: 'module' }
    : { ...published(folder), ...(manifest.bin ? program : folder === 'broker' ? withAssets : library) }
  const whole = { ...manifest, version, ...common }
  for (const kind of ['dependencies', 'devDependencies']) {
    if (whole[kind]) whole[kind] = Object.fromEntries(Object.entries(whole[kind]).map(ours))
  }
  return whole
}

function ours([name, range]) {
  return [name, /^(@rivven\/|rivvend$|rivvenctl$)/.test(name) ? version : range]
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

/** Compares, and writes if that is wanted; false: it is not as it should be. */
function settle(path, text) {
  const isRight = readFileSync(join(root, path), 'utf8') === text
  if (!isRight && isWriting) writeFileSync(join(root, path), text)
  else if (!isRight)
    console.error(`${path} is not as scripts/manifests.mjs wants it: node scripts/manifests.mjs --write`)
  return isRight || isWriting
}

const folders = readdirSync(join(root, 'packages')).map((folder) => [folder, `packages/${folder}/package.json`])
const settled = [...folders, ['test', 'test/package.json']].map(([folder, path]) =>
  settle(path, `${JSON.stringify(wanted(folder, readJson(path)), null, 2)}\n`),
)
for (const [path, pattern] of alsoWritten) {
  settled.push(settle(path, readFileSync(join(root, path), 'utf8').replace(pattern, version)))
}
if (settled.includes(false)) process.exit(1)
