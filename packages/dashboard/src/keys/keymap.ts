/** Keys that do something everywhere, as they are told of in the help. */
export const globalKeys = [
  { keys: '/', does: 'search' },
  { keys: 'g g', does: 'groups' },
  { keys: 'g t', does: 'topics' },
  { keys: 'g d', does: 'doctor' },
  { keys: 'j', does: 'next row' },
  { keys: 'k', does: 'previous row' },
  { keys: '?', does: 'help' },
] as const

export type KeyAction = (typeof globalKeys)[number]['does']

/** The first key of two, and when it was pressed. */
export interface Begun {
  readonly key: string
  readonly at: number
}

/** So long one may take for the second. */
const pauseMs = 1500

/** What a key does after the one before; `begun`: it may be the first of two. */
export function press(key: string, now: number, begun?: Begun): { action?: KeyAction; begun?: Begun } {
  const isSecond = begun !== undefined && now - begun.at <= pauseMs
  const typed = isSecond ? `${begun.key} ${key}` : key
  const found = globalKeys.find(({ keys }) => keys === typed)
  if (found) return { action: found.does }
  return globalKeys.some(({ keys }) => keys.startsWith(`${key} `)) ? { begun: { key, at: now } } : {}
}
