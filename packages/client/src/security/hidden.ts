import type { Check } from '@rivven/config'

/** A check of what must never be shown, not even where it is wrong. */
export function hidden(expected: string, fits: (value: unknown) => boolean, hint?: string): Check {
  return (value, name) => {
    if (fits(value)) return undefined
    const is = value === undefined ? 'is missing' : 'is something else'
    return { text: `${name} ${is}: it must be ${expected}.`, ...(hint !== undefined && { hint }) }
  }
}

export const hiddenText = hidden('a text that is not empty', (value) => typeof value === 'string' && value !== '')

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
