/**
 * A command of rivvenctl as a person can paste it into a shell: `verb` as `group delete`, then names (of groups, topics),
 * then flags. Names that begin with `-` stand behind `--`, where nothing is taken for a flag.
 */
export function commandText(verb: string, names: readonly string[], flags: readonly string[] = []): string {
  const isPlain = names.every((name) => !name.startsWith('-'))
  const words = isPlain ? [...names, ...flags] : [...flags, '--', ...names]
  return ['rivvenctl', verb, ...words.map(quoted)].join(' ')
}

/** As a shell takes it for one word; what no terminal should be sent as it is, as bash and zsh read it behind `$`. */
export function quoted(word: string): string {
  if (unprintable.test(word)) return `$'${word.replaceAll(/['\\]/g, '\\$&').replaceAll(unprintables, escaped)}'`
  return /^[\w.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Controls, and what turns the direction of a text around or has no width: a name of any client would write to the terminal with it. */
const unprintables = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const unprintable = new RegExp(unprintables.source, 'u')

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}
