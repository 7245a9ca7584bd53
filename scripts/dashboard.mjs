// Makes the pages that rivvend serves of what tsc has compiled of packages/dashboard: packages/broker/assets, which git ignores.
// Files have names of their content, so that browsers may keep them for ever; beside each lies its .gz.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { noticesOf } from './notices.mjs'

const root = join(import.meta.dirname, '..')
const from = join(root, 'packages/dashboard')
const to = join(root, 'packages/broker/assets')

/** Our packages do nothing when they are imported: what of them is not used is left out, and with it all of Node. */
const ownPackages = {
  name: 'own-packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false }))
    onResolve({ filter: /^(@rivven\/|\.)/ }, async ({ path, pluginData, ...asked }) => {
      if (pluginData === 'asked' || asked.kind === 'entry-point') return undefined
      const found = await resolve(path, { ...asked, pluginData: 'asked' })
      const isOwn = /\/packages\/(protocol|groups|doctor)\/dist\//.test(found.path.split(sep).join('/'))
      return isOwn ? { ...found, sideEffects: false } : found
    })
  },
}

rmSync(to, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    main: join(from, 'dist/src/main.js'),
    style: join(from, 'src/style/main.css'),
    icon: join(from, 'src/style/icon.svg'),
  },
  outdir: join(to, 'files'),
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  assetNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  loader: { '.svg': 'copy' },
  minify: true,
  legalComments: 'none',
  plugins: [ownPackages],
  metafile: true,
  logLevel: 'warning',
})
const loose = Object.values(metafile.outputs).flatMap(({ imports }) => imports.filter(({ external }) => external))
if (loose.length > 0) throw new Error(`the dashboard still imports ${loose.map(({ path }) => path).join(', ')}`)
const names = new Map(Object.entries(metafile.outputs).map(([file, { entryPoint }]) => [entryPoint, basename(file)]))
writeFileSync(join(to, 'index.html'), indexPage())
writeFileSync(join(to, 'THIRD-PARTY-NOTICES.txt'), noticesOf(metafile))
for (const folder of [to, join(to, 'files')]) compress(folder)

/** With the names that files have this time. */
function indexPage() {
  const page = readFileSync(join(from, 'src/index.html'), 'utf8')
  const of = (entry) => `files/${names.get(`packages/dashboard/${entry}`)}`
  return page
    .replace('SCRIPT', of('dist/src/main.js'))
    .replace('STYLE', of('src/style/main.css'))
    .replace('ICON', of('src/style/icon.svg'))
}

function compress(folder) {
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())) {
    const file = join(folder, name)
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }))
  }
}
