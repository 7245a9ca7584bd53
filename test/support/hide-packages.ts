// For `node --import`: this process does not find the packages that HIDDEN_PACKAGES names, as if they were not installed.
import Module from 'node:module'

type Resolve = (this: unknown, name: string, ...rest: unknown[]) => string

const hidden = (process.env.HIDDEN_PACKAGES ?? '').split(',')
const loader = Module as unknown as { _resolveFilename: Resolve }
const resolve = loader._resolveFilename

loader._resolveFilename = function (name, ...rest) {
  if (hidden.includes(name)) throw new Error('Cannot find native binding.')
  return resolve.call(this, name, ...rest)
}
