import { type QuotaKey, type Quotas, quotaKeys } from '@rivven/client'
import { didYouMean } from '@rivven/config'
import { UsageError } from '../failure.js'
import { listed } from '../text/words.js'

/** `producer_byte_rate=1048576`, each key once. */
export function valuesIn(assignments: readonly string[]): Quotas {
  const values: Quotas = {}
  for (const assignment of assignments) {
    const [, word, text] = /^([^=]*)=(.*)$/s.exec(assignment) ?? []
    if (word === undefined || text === undefined)
      throw new UsageError(`Write it as KEY=VALUE, producer_byte_rate=1048576, not ${assignment}.`)
    const key = keyIn(word)
    if (values[key] !== undefined) throw new UsageError(`${key} is there twice.`)
    values[key] = numberIn(key, text)
  }
  return values
}

export function keyIn(word: string): QuotaKey {
  const key = quotaKeys.find((known) => known === word)
  if (key !== undefined) return key
  throw new UsageError(
    `There is no quota ${word}.${didYouMean(word, quotaKeys)} There are ${listed(quotaKeys, quotaKeys.length)}.`,
  )
}

function numberIn(key: QuotaKey, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new UsageError(`${key} is how much a second, a number above 0, not ${text === '' ? 'nothing' : text}.`)
}

/** As `valuesIn` reads them. */
export function assignmentsOf(quotas: Quotas): string[] {
  return Object.entries(quotas).map(([key, value]) => `${key}=${value}`)
}
