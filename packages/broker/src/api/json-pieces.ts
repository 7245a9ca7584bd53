/** Long lists are written an element at a time, so that no answer keeps a broker from its work. */
const longList = 64

/** JSON of an answer in pieces, none of which takes long to make. */
export function* jsonPieces(value: unknown): Iterable<string> {
  if (Array.isArray(value) && value.length > longList) {
    let before = '['
    for (const item of value) {
      yield `${before}${JSON.stringify(item)}`
      before = ','
    }
    yield ']'
    return
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield JSON.stringify(value)
    return
  }
  let before = '{'
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) continue
    yield `${before}${JSON.stringify(name)}:`
    yield* jsonPieces(part)
    before = ','
  }
  yield before === '{' ? '{}' : '}'
}
