import type { Disk, Web } from '@rivven/runtime'
import type { JSONWebKeySet } from 'jose'
import type { KeyLookup } from './signing-keys.js'
import type { KeysAt } from './token-rules.js'

const timeoutMs = 5_000
const mostBytes = 1_048_576

/** Reads a set of public keys (JWKS, RFC 7517) from a file or an address. Rejects with a reason for a log. */
export async function loadKeySet(keysAt: KeysAt, world: { disk: Disk; web: Web }): Promise<KeyLookup> {
  const content =
    'file' in keysAt
      ? await world.disk.readFile(keysAt.file)
      : await world.web.get(keysAt.url, { timeoutMs, mostBytes })
  const { createLocalJWKSet } = await import('jose')
  return createLocalJWKSet(keySetOf(content.toString()))
}

function keySetOf(text: string): JSONWebKeySet {
  const set = parsed(text) as Partial<JSONWebKeySet> | null
  const keys: unknown = set?.keys
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'object' && key !== null))
    throw new Error('it is no set of keys (JWKS): { "keys": [...] }')
  if (keys.length === 0) throw new Error('there is no key in it')
  // Whoever reads these can make tokens, and the broker need not.
  if (keys.some((key) => 'd' in key || 'k' in key))
    throw new Error('there are private keys in it: leave the public ones')
  return { keys }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
}
