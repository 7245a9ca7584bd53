import { createHash } from 'node:crypto'
import { extname } from 'node:path'
import type { Disk } from '@rivven/runtime'
import { Problem } from '../../api/problem.js'
import type { OpenPage, PageContext } from '../page.js'
import { problemResponse } from '../problem-response.js'
import { type AssetFile, AssetFiles } from './asset-files.js'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Nothing comes from elsewhere, nothing is run but these files, and no text becomes part of a page as HTML. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/**
 * The dashboard: for everybody, before the broker is ready, too, since there is nothing in it. What it shows it asks the API for, which
 * wants to know who asks.
 */
export function dashboardPages(disk: Pick<Disk, 'readFile' | 'sizeOf'>): readonly OpenPage[] {
  const files = new AssetFiles(disk)
  return [
    { kind: 'open', path: '/', answer: (context) => indexPage(context, files) },
    { kind: 'open', path: '/files/:name', answer: (context) => oneFile(context, files) },
  ]
}

/** Asked for each time, answered whole only where it has changed: it names the files of this version. */
async function indexPage(context: PageContext, files: AssetFiles): Promise<Response> {
  const page = await files.find('index.html')
  if (!page) return problemResponse(new Problem('NOT_FOUND', 'The dashboard is not a part of this installation.'))
  const etag = `"${createHash('sha256').update(page.plain).digest('base64url').slice(0, 22)}"`
  const headers = { etag, 'cache-control': 'no-cache', 'content-security-policy': policy }
  if (matches(context.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  return fileResponse(context, page, { ...headers, 'content-type': types['.html'] as string })
}

/** Named by its content: it never changes. */
async function oneFile(context: PageContext, files: AssetFiles): Promise<Response> {
  const name = context.req.param('name') ?? ''
  const type = types[extname(name)]
  const file = type === undefined ? undefined : await files.find(`files/${name}`)
  if (!file || type === undefined)
    return problemResponse(new Problem('NOT_FOUND', `There is nothing at ${context.req.path}.`))
  const headers = { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' }
  return fileResponse(context, file, headers)
}

function fileResponse({ req }: PageContext, file: AssetFile, headers: Record<string, string>): Response {
  const isCompressed = /\bgzip\b/.test(req.header('accept-encoding') ?? '')
  const encoding: Record<string, string> = isCompressed ? { 'content-encoding': 'gzip' } : {}
  const body = new Uint8Array(isCompressed ? file.gzip : file.plain)
  return new Response(body, { headers: { ...headers, ...encoding, vary: 'accept-encoding' } })
}

/** Proxies that compress make a weak one of it. */
function matches(given: string | undefined, etag: string): boolean {
  return (given ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
