/**
 * The known key that somebody meant who wrote this one: one slip of the finger away, or without its unit
 * (`session_timeout`). Narrower than `nearest`: it decides what is refused in a place that others write to, too, such as the
 * environment, where whatever is no slip belongs to somebody else (Kubernetes sets RIVVEN_SERVICE_HOST).
 */
export function meantKey(word: string, known: Iterable<string>): string | undefined {
  for (const key of known) if (isOneSlip(word, key) || key === `${word}_ms` || key === `${word}_bytes`) return key
  return undefined
}

/** One letter more, less, another, or two in each other's place. */
function isOneSlip(from: string, to: string): boolean {
  let start = 0
  while (start < from.length && from[start] === to[start]) start++
  let end = 0
  while (end < Math.min(from.length, to.length) - start && from.at(-1 - end) === to.at(-1 - end)) end++
  const [wrong, right] = [from.slice(start, from.length - end), to.slice(start, to.length - end)]
  if (wrong.length <= 1 && right.length <= 1) return true
  return wrong.length === 2 && right.length === 2 && wrong[0] === right[1] && wrong[1] === right[0]
}
