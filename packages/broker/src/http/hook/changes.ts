import { Problem } from '../../api/problem.js'
import type { HttpListenerConfig } from '../../config/http-listener.js'
import type { PageContext } from '../page.js'

/** Of the JSON that says what is to be changed. */
const mostBytes = 1_048_576

/**
 * Why a request may change nothing, whoever sends it; undefined: it may. A page of another site can make a browser send its
 * user's password along, but no header of its own and no JSON without asking first, which is always refused; and browsers say
 * where a request comes from.
 */
export function changeFault({ req }: PageContext, { isEncrypted, actions }: HttpListenerConfig): Problem | undefined {
  if (actions === 'off') return new Problem('ACTIONS_OFF', 'This address takes nothing that changes something.')
  const own = `${isEncrypted ? 'https' : 'http'}://${req.header('host') ?? ''}`.toLowerCase()
  const origin = req.header('origin')?.toLowerCase()
  if (origin !== undefined && origin !== own)
    return new Problem('FOREIGN_ORIGIN', `Changes are taken from pages of ${own} alone.`)
  const site = req.header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return new Problem('FOREIGN_ORIGIN', 'Changes are taken from pages of this address alone.')
  const type = req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    return new Problem('WRONG_CONTENT_TYPE', 'What is to be changed must come as application/json.')
  if (req.header('x-rivven-action') !== '1')
    return new Problem('ACTION_HEADER_MISSING', 'The header x-rivven-action: 1 is missing.')
  return undefined
}

export function hasBody({ req }: PageContext): boolean {
  const length = req.header('content-length')
  return req.header('transfer-encoding') !== undefined || (length !== undefined && Number(length) !== 0)
}

/** The JSON that came, undefined where nothing did. Nothing is kept of more than is taken. */
export async function bodyOf({ req }: PageContext): Promise<{ readonly json: unknown } | Problem> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > mostBytes) return new Problem('BODY_TOO_LARGE', `More than ${mostBytes} bytes are not taken.`)
    chunks.push(chunk)
  }
  if (size === 0) return { json: undefined }
  try {
    return { json: JSON.parse(Buffer.concat(chunks).toString()) }
  } catch {
    return new Problem('INVALID_JSON', 'What came is no JSON.')
  }
}
