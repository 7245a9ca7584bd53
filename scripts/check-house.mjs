// Checks the rules of the house that neither types nor the linter see: which package may import which, and that nothing
// but the runtime touches the clock, chance, sockets and files (CONTRIBUTING.md says why).
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')

/** What each package may import of the others. Arrows point downward only. */
const mayImport = {
  protocol: [],
  groups: ['protocol'],
  transactions: ['protocol'],
  doctor: ['groups'],
  runtime: [],
  config: ['runtime'],
  fakes: ['runtime'],
  link: ['protocol', 'runtime'],
  client: ['protocol', 'groups', 'runtime', 'config', 'link'],
  broker: ['protocol', 'groups', 'transactions', 'doctor', 'runtime', 'config', 'link'],
  cli: ['protocol', 'groups', 'doctor', 'runtime', 'config', 'client'],
  testing: ['runtime', 'config', 'broker'],
  opentelemetry: ['client'],
  dashboard: ['protocol', 'groups', 'doctor', 'broker'],
  simulation: ['protocol', 'groups', 'transactions', 'runtime', 'client', 'broker'],
}

/** What runs in a browser knows of these by their types alone. */
const typesAlone = { dashboard: ['broker'] }

/** The lower rooms of the broker, and what each may import of the others; all may import files that lie beside the rooms. */
const roomMayImport = {
  database: [],
  storage: ['database'],
  log: ['storage'],
  catalog: ['log'],
  cluster: ['database', 'storage', 'log', 'catalog', 'config'],
  coordinator: ['log', 'catalog', 'cluster', 'config'],
  fetch: ['log', 'catalog', 'cluster', 'coordinator'],
  lag: ['log', 'catalog', 'cluster', 'coordinator', 'fetch', 'config'],
  security: ['storage', 'cluster', 'config'],
}

/** Kinds of a cluster: `open-cluster` chooses one, and all others see `cluster.ts`. Each knows nothing of the others. */
const clusterKinds = ['alone', 'shared']
const mayChooseKind = /^packages\/broker\/src\/([^/]+|commands\/.*|cluster\/open-cluster\.ts)$/

/** What talks to PostgreSQL; all others see `database.ts`. */
const postgresDriver = /from 'pg(-[a-z-]+)?'/
const speaksPostgres = /^packages\/broker\/src\/database\/postgres\//

/** The outside world, as code reaches for it. */
const world =
  /\b(Date\.now\(|new Date\(\)|setTimeout\(|setInterval\(|Math\.random\(|performance\.now\()|from 'node:(net|fs|fs\/promises|tls|http)'/
/** Who stands outside of the system, and is given no Runtime. */
const ownClocks = ['packages/opentelemetry/src/clock.ts', 'packages/dashboard/src/world/clock.ts']
const isEntry = (file) => /\/main\.ts$/.test(file) || file.startsWith('packages/runtime/') || ownClocks.includes(file)

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

function problemsOf(name, file) {
  const text = readFileSync(file, 'utf8')
  const where = relative(root, file)
  const found = []
  for (const [, other] of text.matchAll(/from '@rivven\/([a-z-]+)'/g)) {
    if (!mayImport[name].includes(other)) found.push(`${where}: ${name} may not import @rivven/${other}`)
  }
  for (const other of typesAlone[name] ?? []) {
    if (new RegExp(`^import (?!type ).*from '@rivven/${other}'`, 'm').test(text))
      found.push(`${where}: ${name} may import types of @rivven/${other} alone`)
  }
  if (/from '@rivven\/[a-z-]+\//.test(text)) found.push(`${where}: import a package by its name, not a file inside it`)
  if (postgresDriver.test(text) && !speaksPostgres.test(where))
    found.push(`${where}: only database/postgres/ may import PostgreSQL's driver`)
  found.push(...roomProblems(where, text))
  if (isEntry(where)) return found
  text.split('\n').forEach((line, index) => {
    const touched = /^\s*(\*|\/\/|\/\*)/.test(line) ? null : line.match(world)
    if (touched) found.push(`${where}:${index + 1}: ${touched[0]} belongs behind the Runtime`)
  })
  return found
}

function roomProblems(where, text) {
  const rooms = 'packages/broker/src/'
  if (where.startsWith(`${rooms}cluster/placement/`)) return placementProblems(where, text)
  if (!where.startsWith(rooms)) return []
  const [room, kind] = where.slice(rooms.length).split('/')
  return [...text.matchAll(/from '(\.[^']*)'/g)].flatMap(([, path]) => {
    const [other, inside] = relative(join(root, rooms), join(root, dirname(where), path)).split('/')
    if (other === 'cluster' && clusterKinds.includes(inside) && inside !== kind && !mayChooseKind.test(where))
      return [`${where}: only who starts a broker may import cluster/${inside}/`]
    const isFree = inside === undefined || other === room || !(room in roomMayImport)
    return isFree || roomMayImport[room].includes(other) ? [] : [`${where}: ${room}/ may not import ${other}/`]
  })
}

/** Who should lead what follows from the image alone. */
function placementProblems(where, text) {
  return [...text.matchAll(/from '([^']*)'/g)].flatMap(([, path]) =>
    path === '../image.js' || path.startsWith('./')
      ? []
      : [`${where}: placement may import the image and nothing else`],
  )
}

const problems = Object.keys(mayImport).flatMap((name) =>
  sources(join(root, 'packages', name, 'src')).flatMap((file) => problemsOf(name, file)),
)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
console.log('The rules of the house hold.')
