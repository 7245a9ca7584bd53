import type { Runtime } from '@rivven/runtime'
import { JwtCheck } from './jwt-check.js'
import { loadKeySet } from './key-set.js'
import { SigningKeys } from './signing-keys.js'
import type { KeysAt, TokenRules } from './token-rules.js'

type World = Pick<Runtime, 'clock' | 'disk' | 'web'>

/** Checks by their rules. Listeners that read the same keys read them together. */
export class TokenChecks {
  readonly #world: World
  readonly #warn: (text: string) => void
  readonly #keys = new Map<string, SigningKeys>()

  constructor(world: World, warn: (text: string) => void) {
    this.#world = world
    this.#warn = warn
  }

  of(rules: TokenRules): JwtCheck {
    const { keysAt } = rules
    return new JwtCheck({ rules, keys: keysAt ? this.#keysAt(keysAt, rules) : null, clock: this.#world.clock })
  }

  #keysAt(keysAt: KeysAt, { refreshMs }: TokenRules): SigningKeys {
    const place = 'file' in keysAt ? keysAt.file : keysAt.url.href
    const name = `${refreshMs} ${place}`
    const known = this.#keys.get(name)
    if (known) return known
    const keys = new SigningKeys({
      load: () => loadKeySet(keysAt, this.#world),
      refreshMs,
      clock: this.#world.clock,
      onTrouble: ({ message }) => this.#warn(`the keys of tokens at ${place} cannot be had: ${message}`),
    })
    this.#keys.set(name, keys)
    return keys
  }
}
