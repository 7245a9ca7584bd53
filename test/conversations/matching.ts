import type { Json } from './conversation.js'

/** What was captured on the way: `${name}` alone becomes the value with its type, inside a longer text its text. */
export class Captures {
  readonly #values = new Map<string, Json>()

  set(name: string, value: Json): void {
    this.#values.set(name, value)
  }

  get(name: string): Json {
    const value = this.#values.get(name)
    if (value === undefined) throw new Error(`nothing was captured as ${name}`)
    return value
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  fill(json: Json): Json {
    if (typeof json === 'string') return this.#fillText(json)
    if (Array.isArray(json)) return json.map((element) => this.fill(element))
    if (json === null || typeof json !== 'object') return json
    return Object.fromEntries(Object.entries(json).map(([name, value]) => [String(this.fill(name)), this.fill(value)]))
  }

  #fillText(text: string): Json {
    const whole = text.match(/^\$\{(\w+)\}$/)
    if (whole) return this.get(whole[1]!)
    return text.replace(/\$\{(\w+)\}/g, (_, name: string) => String(this.get(name)))
  }
}

/** RFC 6901, without escapes. */
export function at(json: Json, pointer: string): Json | undefined {
  let found: Json | undefined = json
  for (const name of pointer.split('/').slice(1)) {
    if (found === null || typeof found !== 'object') return undefined
    found = Array.isArray(found) ? found[Number(name)] : found[name]
  }
  return found
}

/** "*" matches anything; an answer may have more fields; lists may come in another order, records and batches may not. */
export function matches(expected: Json, answer: Json | undefined): boolean {
  if (expected === '*') return answer !== undefined
  if (answer === undefined) return false
  if (Array.isArray(expected))
    return (
      Array.isArray(answer) &&
      expected.length === answer.length &&
      (inOrder(expected, answer) || inSomeOrder(expected, answer))
    )
  if (expected === null || typeof expected !== 'object') return expected === answer
  if (answer === null || typeof answer !== 'object' || Array.isArray(answer)) return false
  return Object.entries(expected).every(([name, value]) => matches(value, answer[name]))
}

function inOrder(expected: Json[], answer: Json[]): boolean {
  return expected.every((element, index) => matches(element, answer[index]))
}

function inSomeOrder(expected: Json[], answer: Json[]): boolean {
  if (isRecordOrBatch(expected[0])) return false
  const left = [...answer]
  return expected.every((element) => {
    const found = left.findIndex((candidate) => matches(element, candidate))
    if (found >= 0) left.splice(found, 1)
    return found >= 0
  })
}

function isRecordOrBatch(json: Json | undefined): boolean {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return false
  return ('offset' in json && !('partitionIndex' in json)) || 'isControl' in json
}
