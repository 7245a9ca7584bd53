/**
 * Characters that are not seen or that turn the order of those around them: controls, bidirectional marks, what has no width, line
 * and paragraph separators, and halves of characters.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu

/** A name or a value that somebody has chosen, such that one sees what is in it: `\u202e` instead of text that runs backwards. */
export function visible(text: string): string {
  return text.replace(unseen, written)
}

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** A name where it may be empty. */
export function shownName(name: string): string {
  return name === '' ? '(empty name)' : visible(name)
}
