import { anchorOf, problemsPath } from '../../api/problem.js'
import { type ProblemCode, problems } from '../../api/problems.js'
import type { OpenPage } from '../page.js'

/** Where the `type` of a problem leads: what it is, and what to do about it. */
export const problemsPage: OpenPage = {
  kind: 'open',
  path: problemsPath,
  answer: (context) => context.html(html()),
}

function html(): string {
  const entries = (Object.keys(problems) as ProblemCode[]).map((code) => {
    const { status, title, hint } = problems[code]
    return `<dt id="${anchorOf(code)}">${code} (${status})</dt><dd>${escaped([title, hint].filter(Boolean).join('. '))}</dd>`
  })
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Problems of the API of Rivven</title>'
  return `${head}<h1>Problems of the API</h1><dl>${entries.join('')}</dl></html>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
