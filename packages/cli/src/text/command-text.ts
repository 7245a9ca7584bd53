/**
 * A command of rivvenctl as a person can paste it into a shell: `verb` as `group delete`, then names (of groups, topics),
 * then flags. Names that begin with `-` stand behind `--`, where nothing is taken for a flag.
 */
export function commandText(verb: string, names: readonly string[], flags: readonly string[] = []): string {
  const isPlain = names.every((name) => !name.startsWith('-'))
  const words = isPlain ? [...names, ...flags] : [...flags, '--', ...names]
  return ['rivvenctl', verb, ...words.map(quoted)].join(' ')
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
