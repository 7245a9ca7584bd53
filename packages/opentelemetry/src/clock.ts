/** Now, in milliseconds as spans take them. */
export function now(): number {
  return performance.now()
}

/** Since then, in seconds as metrics have them. */
export function secondsSince(startedAt: number): number {
  return (now() - startedAt) / 1000
}
