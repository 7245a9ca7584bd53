/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(words: readonly string[], most = 5, count = words.length): string {
  const shown = words.slice(0, most)
  const more = count - shown.length
  const all = more > 0 ? [...shown, `${more} more`] : shown
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
