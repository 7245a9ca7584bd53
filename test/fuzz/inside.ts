import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const packages = join(import.meta.dirname, '../../../packages')

/** A module inside a package, which its index does not show: `broker/src/config/address.js`. `Module` is its type. */
export function inside<Module>(path: string): Promise<Module> {
  const [name = '', ...rest] = path.split('/')
  return import(pathToFileURL(join(packages, name, 'dist', ...rest)).href)
}

/** Test data of a package: `protocol/vectors/records/none.json`. */
export function vectorsOf(path: string): string {
  const [name = '', ...rest] = path.split('/')
  return join(packages, name, 'test', ...rest)
}
