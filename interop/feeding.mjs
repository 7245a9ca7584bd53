// What is fed to programs, what they print, and whether all of it came.
import { spawnSync } from 'node:child_process'

export const numbered = (count) => Array.from({ length: count }, (_, at) => `v${at}`)
const sorted = (values) => [...values].sort().join('\n')

export function expectSame(what, got, expected) {
  if (sorted(got) !== sorted(expected))
    throw new Error(`${what}: ${got.length} records came, ${expected.length} were expected`)
}

export function feed(command, args, lines, options = {}) {
  const result = spawnSync(command, args, {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    timeout: 60_000,
    ...options,
  })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`)
  return result.stdout
}

export const linesOf = (text) => text.split('\n').filter(Boolean)
