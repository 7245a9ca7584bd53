import { ConfigError, type Secret } from '@rivven/config'
import { securityKeys, type ValueKind } from './client-keys.js'
import type { ConfigValue } from './config-value.js'

type SecurityKey<Kind extends ValueKind> = {
  [Key in keyof typeof securityKeys]: (typeof securityKeys)[Key] extends Kind ? Key : never
}[keyof typeof securityKeys]

interface Saying {
  readonly value: ConfigValue
  readonly from: string
}

/** Two ways to say one thing. */
const alternatives: Readonly<Record<string, string>> = {
  sasl_password: 'sasl_password_file',
  sasl_password_file: 'sasl_password',
}

/** What all sources say together, by key: the last one counts. */
export class Said {
  readonly #sayings = new Map<string, Saying>()

  put(key: string, value: ConfigValue, from: string): void {
    const other = alternatives[key]
    if (other !== undefined && this.#sayings.get(other)?.from === from)
      throw new ConfigError(`${key} and ${other} are both in ${from}. One of them is enough.`)
    if (other !== undefined) this.#sayings.delete(other)
    this.#sayings.set(key, { value, from })
  }

  text(key: SecurityKey<'text'>): string | undefined {
    return this.#sayings.get(key)?.value as string | undefined
  }

  secret(key: SecurityKey<'secret'>): Secret | undefined {
    return this.#sayings.get(key)?.value as Secret | undefined
  }

  /** The first key of those that begin so, as it goes into a message. */
  anyOf(prefix: string): string | undefined {
    for (const [key, { from }] of this.#sayings) if (key.startsWith(prefix)) return `${key} (${from})`
    return undefined
  }

  /** Those that are options by themselves. */
  options(): Record<string, ConfigValue> {
    const plain = [...this.#sayings].filter(([key]) => !Object.hasOwn(securityKeys, key))
    return Object.fromEntries(plain.map(([key, { value }]) => [camelCase(key), value]))
  }
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
