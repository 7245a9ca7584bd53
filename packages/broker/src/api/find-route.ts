import { nameFromPath } from '@rivven/protocol'
import { Problem } from './problem.js'
import type { Route } from './route.js'

/** The call that was asked for, with what its path names. */
export interface FoundRoute {
  readonly route: Route
  readonly path: Readonly<Record<string, string>>
  /** Behind the question mark. */
  readonly query: string
  /** As it was asked for: path and query. */
  readonly target: string
}

/** The call of this method and target, or the problem that it is none. */
export function findRoute(routes: readonly Route[], method: string, target: string): FoundRoute | Problem {
  const mark = target.indexOf('?')
  const [asked, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
  const parts = asked.split('/')
  const allowed: string[] = []
  for (const route of routes) {
    const [taken = '', pattern = ''] = route.name.split(' ')
    const wanted = pattern.split('/')
    if (!isOfPattern(parts, wanted)) continue
    if (taken !== method) {
      allowed.push(taken === 'GET' ? 'GET, HEAD' : taken)
      continue
    }
    const path = namesIn(parts, wanted)
    return path instanceof Problem ? path : { route, path, query, target }
  }
  if (allowed.length === 0) return new Problem('NOT_FOUND', `There is nothing at ${asked}.`)
  const allow = allowed.join(', ')
  return new Problem('METHOD_NOT_ALLOWED', `This takes ${allow} alone.`, { allow })
}

function isOfPattern(parts: readonly string[], wanted: readonly string[]): boolean {
  return parts.length === wanted.length && wanted.every((want, at) => want.startsWith(':') || want === parts[at])
}

function namesIn(parts: readonly string[], wanted: readonly string[]): Record<string, string> | Problem {
  const names: Record<string, string> = Object.create(null)
  for (const [at, want] of wanted.entries()) {
    if (!want.startsWith(':')) continue
    const name = nameFromPath(parts[at] ?? '')
    if (name === undefined) return new Problem('INVALID_NAME', `"${parts[at]}" stands for no name.`)
    names[want.slice(1)] = name
  }
  return names
}
