import { ConfigError } from '@rivven/config'

interface MappingRule {
  readonly pattern: RegExp
  readonly replacement: string
  readonly letters: 'L' | 'U' | ''
}

/** One rule, and what must follow: a comma, or the end. A slash in pattern or replacement has a backslash before it. */
const ruleForm = /(?:DEFAULT|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?))\s*(?:,\s*|$)/y

/** Makes short names of distinguished ones (`ssl_principal_mapping_rules`): the first rule that fits the whole name counts. */
export class MappingRules {
  readonly #rules: readonly (MappingRule | 'DEFAULT')[]

  /** @throws ConfigError where these are no rules */
  constructor(text: string) {
    this.#rules = parseRules(text.trim())
  }

  /** Undefined: no rule fits, and whoever has this name cannot come in. */
  apply(name: string): string | undefined {
    for (const rule of this.#rules) {
      if (rule === 'DEFAULT') return name
      const groups = rule.pattern.exec(name)
      if (groups !== null) return inLetters(replaced(rule.replacement, groups), rule.letters)
    }
    return undefined
  }
}

function parseRules(text: string): (MappingRule | 'DEFAULT')[] {
  const rules: (MappingRule | 'DEFAULT')[] = []
  for (let at = 0; at < text.length; ) {
    ruleForm.lastIndex = at
    const found = ruleForm.exec(text)
    if (found === null) throw badRules(`'${text.slice(at)}' is no rule`)
    const [{ length }, pattern, replacement = '', letters = ''] = found
    rules.push(
      pattern === undefined
        ? 'DEFAULT'
        : { pattern: compiled(pattern), replacement, letters: letters as MappingRule['letters'] },
    )
    at += length
  }
  return rules
}

/** V8 compiles at the first use, once for each width of characters, and only then says that a pattern is too large. */
function compiled(pattern: string): RegExp {
  try {
    const whole = new RegExp(`^(?:${pattern})$`)
    for (const text of ['', '\u{1f600}']) whole.test(text)
    return whole
  } catch (error) {
    throw badRules((error as Error).message)
  }
}

function badRules(reason: string): ConfigError {
  return new ConfigError(
    `ssl_principal_mapping_rules cannot be used: ${reason}. Rules are DEFAULT or RULE:pattern/replacement/, with L or U ` +
      'behind it for lower or upper case, and commas between; for example RULE:^CN=([^,]*).*$/$1/L,DEFAULT.',
  )
}

/** As Java replaces: `$` and as many digits as make the number of a group; a backslash takes the next character as it is. */
function replaced(replacement: string, groups: RegExpExecArray): string {
  return replacement.replace(/\\(.)|\$(\d+)/gs, (all: string, literal?: string, digits = '') => {
    if (literal !== undefined) return literal
    for (let end = digits.length; end > 0; end--) {
      const group = Number(digits.slice(0, end))
      if (group < groups.length) return (groups[group] ?? '') + digits.slice(end)
    }
    return all
  })
}

function inLetters(name: string, letters: MappingRule['letters']): string {
  if (letters === 'L') return name.toLowerCase()
  return letters === 'U' ? name.toUpperCase() : name
}
