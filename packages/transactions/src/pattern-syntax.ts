/** Whether a character (one code point) is of a kind. */
export type CharacterTest = (character: string) => boolean

/** A regular expression, taken apart. */
export type Node =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'begin' | 'end' }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  /** `most` may be Infinity. */
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }

/** The most repetitions that can be asked for, as in RE2. */
const mostRepetitions = 1_000
/** Parentheses within parentheses. */
const deepest = 100

const controls: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', a: '\x07' }

const posixClasses: Record<string, RegExp> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[\t ]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t\n\v\f\r ]/,
  upper: /[A-Z]/,
  word: /\w/,
  xdigit: /[0-9A-Fa-f]/,
}

/**
 * Reads the part of RE2's dialect that patterns of ids need: characters, classes, groups, choices, repetitions, anchors.
 *
 * @throws SyntaxError for all else
 */
export class PatternReader {
  readonly #characters: string[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#characters = [...source]
  }

  read(): Node {
    const node = this.#choice()
    if (this.#at < this.#characters.length) throw new SyntaxError('a closing parenthesis too many')
    return node
  }

  #choice(): Node {
    const options = [this.#sequence()]
    while (this.#skip('|')) options.push(this.#sequence())
    return options.length === 1 ? options[0]! : { kind: 'choice', options }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      parts.push(this.#repeated(this.#atom()))
    }
    return { kind: 'sequence', parts }
  }

  #repeated(part: Node): Node {
    const bounds = this.#bounds()
    if (!bounds) return part
    // Lazy or greedy: the same for "does all of it match".
    this.#skip('?')
    if (this.#bounds()) throw new SyntaxError('a repetition of a repetition')
    return { kind: 'repeat', part, ...bounds }
  }

  #bounds(): { least: number; most: number } | null {
    if (this.#skip('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (this.#skip('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (this.#skip('?')) return { least: 0, most: 1 }
    if (this.#peek() !== '{') return null
    const text = this.#characters.slice(this.#at, this.#at + 12).join('')
    const [whole, from, comma, to] = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(text) ?? []
    // As in RE2, a brace that is no repetition is a character.
    if (whole === undefined || (comma === '' && to !== '')) return null
    this.#at += whole.length
    const least = Number(from)
    const most = comma === '' ? least : to === '' ? Number.POSITIVE_INFINITY : Number(to)
    const isAllowed = least <= mostRepetitions && (most <= mostRepetitions || to === '') && least <= most
    if (!isAllowed) throw new SyntaxError(`repetitions ${whole}`)
    return { least, most }
  }

  #atom(): Node {
    const character = this.#take()
    switch (character) {
      case '(':
        return this.#group()
      case '[':
        return { kind: 'character', test: this.#class() }
      case '.':
        return { kind: 'character', test: (other) => other !== '\n' }
      case '^':
        return { kind: 'begin' }
      case '$':
        return { kind: 'end' }
      case '*':
      case '+':
      case '?':
        throw new SyntaxError('nothing to repeat')
      case '\\':
        return this.#skip('A') ? { kind: 'begin' } : this.#skip('z') ? { kind: 'end' } : this.#escaped()
      default:
        return { kind: 'character', test: (other) => other === character }
    }
  }

  #group(): Node {
    if (++this.#depth > deepest) throw new SyntaxError('too many parentheses')
    if (this.#skip('?') && !this.#skip(':')) this.#groupName()
    const node = this.#choice()
    if (!this.#skip(')')) throw new SyntaxError('a parenthesis without its end')
    this.#depth--
    return node
  }

  #groupName(): void {
    this.#skip('P')
    if (!this.#skip('<')) throw new SyntaxError('an unknown kind of group')
    while (!this.#skip('>')) if (!/\w/.test(this.#take())) throw new SyntaxError('the name of a group')
  }

  #escaped(): Node {
    const found = this.#escape()
    if (typeof found === 'function') return { kind: 'character', test: found }
    return { kind: 'character', test: (other) => other === found }
  }

  /** After a backslash: a character, or a kind of characters. */
  #escape(): string | CharacterTest {
    const character = this.#take()
    if (/[dDsSwW]/.test(character)) return testOf(new RegExp(`\\${character}`, 'u'))
    if (character === 'p' || character === 'P') return this.#property(character)
    if (character === 'x') return this.#hexadecimal()
    const control = controls[character]
    if (control !== undefined) return control
    if (/[0-9A-Za-z]/.test(character)) throw new SyntaxError(`an unknown escape \\${character}`)
    return character
  }

  #property(letter: string): CharacterTest {
    let name = this.#take()
    if (name === '{') for (name = ''; !this.#skip('}'); ) name += this.#take()
    try {
      return testOf(new RegExp(`\\${letter}{${name}}`, 'u'))
    } catch {
      return testOf(new RegExp(`\\${letter}{Script=${name}}`, 'u'))
    }
  }

  #hexadecimal(): string {
    let digits = ''
    if (this.#skip('{')) while (!this.#skip('}')) digits += this.#take()
    else digits = this.#take() + this.#take()
    if (!/^[0-9A-Fa-f]{1,6}$/.test(digits)) throw new SyntaxError('a code point')
    const codePoint = Number.parseInt(digits, 16)
    if (codePoint > 0x10ffff) throw new SyntaxError('a code point beyond all')
    return String.fromCodePoint(codePoint)
  }

  #class(): CharacterTest {
    const isNegated = this.#skip('^')
    const tests: CharacterTest[] = []
    // A bracket that comes first is a character.
    do tests.push(this.#classItem())
    while (!this.#skip(']'))
    return (character) => tests.some((test) => test(character)) !== isNegated
  }

  #classItem(): CharacterTest {
    const first = this.#classCharacter()
    if (typeof first === 'function') return first
    const isRange = this.#peek() === '-' && this.#characters[this.#at + 1] !== ']'
    if (!isRange) return (character) => character === first
    this.#at++
    const last = this.#classCharacter()
    if (typeof last === 'function') throw new SyntaxError('a range that ends in a class')
    const [from, to] = [first.codePointAt(0)!, last.codePointAt(0)!]
    if (from > to) throw new SyntaxError('a range that ends before it begins')
    return (character) => {
      const codePoint = character.codePointAt(0)!
      return codePoint >= from && codePoint <= to
    }
  }

  #classCharacter(): string | CharacterTest {
    const character = this.#take()
    if (character === '\\') return this.#escape()
    if (character !== '[' || this.#peek() !== ':') return character
    const text = this.#characters.slice(this.#at, this.#at + 10).join('')
    const [whole, not, name] = /^:(\^?)([a-z]+):\]/.exec(text) ?? []
    if (whole === undefined) return character
    const known = posixClasses[name!]
    if (!known) throw new SyntaxError(`an unknown class ${name}`)
    this.#at += whole.length
    return (other) => known.test(other) !== (not === '^')
  }

  #peek(): string | undefined {
    return this.#characters[this.#at]
  }

  #take(): string {
    const character = this.#characters[this.#at++]
    if (character === undefined) throw new SyntaxError('an end in the middle')
    return character
  }

  #skip(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }
}

function testOf(regExp: RegExp): CharacterTest {
  return (character) => regExp.test(character)
}
