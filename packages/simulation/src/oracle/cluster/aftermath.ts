/** So long after the last fault all has come to rest: a lease ends, a broker returns, loads and opens. */
export const AFTERMATH_MS = 6_000

/** What is noted of a fault says how long it lasts. */
export function faultMs(note: string): number {
  return Number(/for (\d+) ms$/.exec(note)?.[1] ?? 0)
}
