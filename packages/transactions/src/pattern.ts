// Patterns come from anybody who may list transactions, and JavaScript's own engine takes exponential time for some of them.
import { type CharacterTest, type Node, PatternReader } from './pattern-syntax.js'

/** A compiled pattern of transactional ids. Takes time in proportion to pattern times text, whatever they are. */
export interface Pattern {
  /** Whether the whole text matches. */
  matches(text: string): boolean
}

/** Undefined: it cannot be read, or is longer than anybody needs. */
export function compilePattern(source: string): Pattern | undefined {
  if (source.length > longestSource) return undefined
  try {
    const program = new Compiler().compile(new PatternReader(source).read())
    return { matches: (text) => run(program, text) }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** One step of a pattern; where it leads to is the number of a step. */
type Step =
  | { readonly kind: 'character'; readonly test: CharacterTest; readonly next: number }
  | { readonly kind: 'begin' | 'end'; readonly next: number }
  | { readonly kind: 'fork'; readonly targets: number[] }

/** Steps with the last one first: 0 is the end of a match. */
interface Program {
  readonly steps: readonly (Step | null)[]
  readonly start: number
}

/** In UTF-16 units: a class of characters costs as much as it is long, for each character of an id. */
const longestSource = 1_000

/** Every id costs up to this many steps a character. */
const mostSteps = 2_000

/** Makes steps from the end of the pattern to its beginning, so that each knows what follows it. */
class Compiler {
  readonly #steps: (Step | null)[] = [null]

  compile(node: Node): Program {
    const start = this.#before(node, 0)
    return { steps: this.#steps, start }
  }

  #before(node: Node, next: number): number {
    switch (node.kind) {
      case 'character':
        return this.#add({ kind: 'character', test: node.test, next })
      case 'begin':
      case 'end':
        return this.#add({ kind: node.kind, next })
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.#before(part, after), next)
      case 'choice':
        return this.#add({ kind: 'fork', targets: node.options.map((option) => this.#before(option, next)) })
      case 'repeat':
        return this.#repeat(node, next)
    }
  }

  #repeat({ part, least, most }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let start = next
    if (most === Number.POSITIVE_INFINITY) {
      const targets = [next]
      start = this.#add({ kind: 'fork', targets })
      targets.push(this.#before(part, start))
    } else {
      for (let optional = most - least; optional > 0; optional--) {
        start = this.#add({ kind: 'fork', targets: [next, this.#before(part, start)] })
      }
    }
    for (let required = least; required > 0; required--) {
      const first = this.#before(part, start)
      // Nothing, however often, is nothing: nested repetitions of it must not take for ever.
      if (first === start) break
      start = first
    }
    return start
  }

  #add(step: Step): number {
    if (this.#steps.length === mostSteps) throw new SyntaxError('a pattern with too many steps')
    return this.#steps.push(step) - 1
  }
}

/** Goes all ways at once, one character at a time. */
function run(program: Program, text: string): boolean {
  let present = new Set<number>()
  const characters = [...text]
  follow(program, program.start, present, { isBegin: true, isEnd: characters.length === 0 })
  for (const [index, character] of characters.entries()) {
    const after = new Set<number>()
    const place = { isBegin: false, isEnd: index === characters.length - 1 }
    for (const number of present) {
      const step = program.steps[number]
      if (step?.kind === 'character' && step.test(character)) follow(program, step.next, after, place)
    }
    if (after.size === 0) return false
    present = after
  }
  return present.has(0)
}

/** Adds a step and all that follow it without a character. */
function follow({ steps }: Program, start: number, reached: Set<number>, place: { isBegin: boolean; isEnd: boolean }) {
  const open = [start]
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (reached.has(number)) continue
    reached.add(number)
    const step = steps[number]
    if (step?.kind === 'fork') open.push(...step.targets)
    if (step?.kind === 'begin' && place.isBegin) open.push(step.next)
    if (step?.kind === 'end' && place.isEnd) open.push(step.next)
  }
}
