import type { Web } from '../runtime.js'

/** By Node's `fetch`, which trusts the authorities that Node does (`NODE_EXTRA_CA_CERTS` adds others). */
export const nodeWeb: Web = {
  async get(url, { timeoutMs, mostBytes }) {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      return await fetched(url, signal, mostBytes)
    } catch (error) {
      throw signal.aborted ? new Error(`there was no whole answer within ${timeoutMs} ms`) : reasonOf(error)
    }
  },
}

/** A world without other services: simulations, and tests that need none. */
export const noWeb: Web = {
  get: () => Promise.reject(new Error('there is no web here')),
}

async function fetched(url: URL, signal: AbortSignal, mostBytes: number): Promise<Buffer> {
  const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } })
  if (response.status === 200) return bodyOf(response, mostBytes)
  await response.body?.cancel()
  throw new Error(`the answer has the status ${response.status}`)
}

/** Never more of it in memory than may be. */
async function bodyOf({ body }: Response, mostBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** `fetch failed` says nothing; what lies below does, by its code where a host has several addresses. */
function reasonOf(error: unknown): unknown {
  const { cause } = error as { cause?: { message?: unknown; code?: unknown } }
  const reason = cause?.message || cause?.code
  return typeof reason === 'string' ? new Error(reason, { cause: error }) : error
}
