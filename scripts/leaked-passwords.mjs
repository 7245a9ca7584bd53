// Every password with which a test logs in over a connection ends in `-secret` (test/support/passwords.ts). So what tests and
// the processes that they start print can be searched for them: what shows there would show in a user's logs, too.

const mark = '-secret'

/** The mark as it is, and as it is in base64 (of PLAIN, for example), wherever it begins there, and in hex. */
const marks = [mark, Buffer.from(mark).toString('hex'), ...[0, 1, 2].map(inBase64)]
const password = new RegExp(
  `[\\w.+/=%-]*(?:${marks.map((text) => text.replaceAll('+', '\\+')).join('|')})[\\w.+/=%-]*`,
  'gi',
)

/** What of its characters does not hang on those around it. */
function inBase64(before) {
  const text = Buffer.concat([Buffer.alloc(before), Buffer.from(mark)]).toString('base64')
  const whole = Math.floor(((before + mark.length) * 8) / 6)
  return text.slice(Math.ceil((before * 8) / 6), whole)
}

/** The numbers of the lines in which there is a password; the first is 1. */
export function linesWithPasswords(text) {
  return text.split('\n').flatMap((line, at) => (line.search(password) === -1 ? [] : [at + 1]))
}

/** The same text without them. */
export function withoutPasswords(text) {
  return text.replace(password, '[password]')
}
