// Makes of each program and all it imports a few files that load in a third of the time: packages/rivvend/dist and
// packages/rivvenctl/dist. What is imported late (the HTTP side, files, YAML) becomes a file of its own; packages with machine
// code stay outside, as dependencies. Names stay as they are written, so that stack traces can be read without source maps.
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { noticesOf } from './notices.mjs'

const root = join(import.meta.dirname, '..')

/** What is compiled into each program: its own file, and those that worker threads load by their names. */
const programs = {
  rivvend: { rivvend: 'broker/dist/src/main.js' },
  rivvenctl: {
    rivvenctl: 'cli/dist/src/main.js',
    'background-worker': 'runtime/dist/src/node/background-worker.js',
    'heartbeat-task': 'client/dist/src/consumer/heartbeats/heartbeat-task.js',
  },
}

/** PostgreSQL's driver has a second form, over a library of C, which is loaded by who asks for it: nobody here does. */
const withoutNativeDriver = {
  name: 'without-native-driver',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^pg-native$/ }, () => ({ path: 'pg-native', namespace: 'absent' }))
    onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: "throw new Error('pg-native is not bundled')" }))
  },
}

for (const [name, entries] of Object.entries(programs)) await bundle(name, entries)
// Made by scripts/dashboard.mjs.
cpSync(join(root, 'packages/broker/assets'), join(root, 'packages/rivvend/dist/assets'), { recursive: true })

async function bundle(name, entries) {
  const outdir = join(root, 'packages', name, 'dist')
  rmSync(outdir, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).map(([to, from]) => [to, join(root, 'packages', from)])),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Some dependencies are CommonJS and require Node's own modules.
    banner: {
      js: "import { createRequire as bundledRequire } from 'node:module'; const require = bundledRequire(import.meta.url)",
    },
    // A tenth of the start; Node shows the line of an error, so lines stay short.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    legalComments: 'none',
    plugins: [withoutNativeDriver],
    metafile: true,
    logLevel: 'warning',
  })
  refuseLooseImports(name, metafile)
  writeFileSync(join(outdir, 'THIRD-PARTY-NOTICES.txt'), noticesOf(metafile))
}

/** Whatever is imported from outside must be Node's. */
function refuseLooseImports(name, { outputs }) {
  const isNodes = (path) => path.startsWith('node:') || builtinModules.includes(path)
  const loose = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external && !isNodes(path))
  if (loose.length > 0) throw new Error(`${name} still imports ${loose.map(({ path }) => path).join(', ')}`)
}
