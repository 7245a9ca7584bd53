import type { PageContext } from '../page.js'

/** Of the JSON that says what is to be changed. */
const mostBytes = 65_536

/**
 * Why a request may change nothing, whoever sends it; undefined: it may. A page of another site can make a browser send its
 * user's password along, but not JSON without asking first, and not without saying where it comes from.
 */
export function changeFault(context: PageContext, isEncrypted: boolean): Response | undefined {
  const host = context.req.header('host') ?? ''
  const own = `${isEncrypted ? 'https' : 'http'}://${host}`.toLowerCase()
  const origin = context.req.header('origin')?.toLowerCase()
  if (origin !== own) {
    return context.json({ error: `Changes are taken from pages of this address alone: send Origin: ${own}.` }, 403)
  }
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return undefined
  return context.json({ error: 'What is to be changed comes as JSON: send Content-Type: application/json.' }, 415)
}

export function hasBody(context: PageContext): boolean {
  const length = context.req.header('content-length')
  return context.req.header('transfer-encoding') !== undefined || (length !== undefined && Number(length) !== 0)
}

/** The JSON that came, or the answer to what is none. Nothing is kept of more than is taken. */
export async function bodyOf(context: PageContext): Promise<{ readonly json: unknown } | Response> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (context.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > mostBytes) return context.json({ error: `More than ${mostBytes} bytes are not taken.` }, 413)
    chunks.push(chunk)
  }
  try {
    return { json: JSON.parse(Buffer.concat(chunks).toString()) }
  } catch {
    return context.json({ error: 'What came is no JSON.' }, 400)
  }
}
