import { allRoutes } from '../../src/api/all-routes.js'
import type { Parameter, Parameters } from '../../src/api/parameters.js'
import { problems } from '../../src/api/problems.js'
import type { Route } from '../../src/api/route.js'
import type { Shape } from '../../src/api/shape.js'

/** What docs/api.md says between its marks: every call, every shape of an answer, every problem, as the broker has them. */
export function reference(): string {
  const routes = allRoutes.filter(({ isInternal }) => !isInternal)
  const parts = ['## Calls', ...routes.map(callText), '## Answers', ...shapesOf(routes).map(shapeText), problemsText()]
  return parts.join('\n\n')
}

function callText(route: Route): string {
  const { name, about, query, body, answer } = route
  const lines = [
    `### \`${name.replaceAll(/:(\w+)/g, '{$1}')}\``,
    `${about} Answers ${linkTo(answer)}; needs ${rightsText(route)}.`,
  ]
  if (Object.keys(query).length > 0) lines.push(tableText('parameter', query))
  if (Object.keys(body).length > 0) lines.push(tableText('field of the body', body))
  return lines.join('\n\n')
}

function rightsText({ rights: { needs, asks = [] } }: Route): string {
  if (needs !== undefined) return words(needs)
  return asks.length === 0 ? 'nothing but a login, where one logs in' : `of what it tells ${asks.map(words).join(', ')}`
}

function words(right: string): string {
  const [operation, type = ''] = right.split(' ')
  return `${operation} on the ${type === 'TRANSACTIONAL_ID' ? 'transactional id' : type.toLowerCase()}`
}

function tableText(head: string, parameters: Parameters): string {
  const rows = Object.entries(parameters).map(
    ([name, parameter]) => `| \`${name}\` | ${fallbackOf(parameter)} | ${cell(parameter.about)} |`,
  )
  return [`| ${head} | default | |`, '| --- | --- | --- |', ...rows].join('\n')
}

function fallbackOf({ fallback, isNeeded }: Parameter): string {
  if (isNeeded) return 'must be given'
  if (fallback === undefined || fallback === '' || (Array.isArray(fallback) && fallback.length === 0)) return ''
  return `\`${fallback}\``
}

/** Those of answers, and what they are made of, each once. */
function shapesOf(routes: readonly Route[]): Shape[] {
  const found = new Set<Shape>()
  const add = (shape: Shape): void => {
    if (found.has(shape)) return
    found.add(shape)
    for (const { parts } of Object.values(shape.fields)) if (parts) add(parts)
  }
  for (const { answer } of routes) add(answer)
  return [...found]
}

function shapeText({ name, fields }: Shape): string {
  const rows = Object.entries(fields).map(([field, { type, about, parts }]) => {
    const linked = parts ? type.replace(parts.name, linkTo(parts)) : type
    return `| \`${field}\` | ${linked} | ${cell(about)} |`
  })
  const table = ['| field | | |', '| --- | --- | --- |', ...rows].join('\n')
  return `### ${name}\n\n${rows.length > 0 ? table : 'No fields.'}`
}

function problemsText(): string {
  const rows = Object.entries(problems).map(([code, { status, title, hint = '' }]) => {
    return `| <a id="${code.toLowerCase().replaceAll('_', '-')}"></a>\`${code}\` | ${status} | ${title}. | ${cell(hint)} |`
  })
  return ['## Problems', ['| code | status | | |', '| --- | --- | --- | --- |', ...rows].join('\n')].join('\n\n')
}

function linkTo({ name }: Shape): string {
  return `[${name}](#${name.toLowerCase()})`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** The page with what stands between its marks made anew. */
export function withReference(page: string): string {
  const [begin, end] = ['<!-- made by packages/broker/test/api/write-reference.ts: begin -->', '<!-- end -->']
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < 0) throw new Error('docs/api.md has lost its marks')
  return `${page.slice(0, from + begin.length)}\n\n${reference()}\n\n${page.slice(to)}`
}
