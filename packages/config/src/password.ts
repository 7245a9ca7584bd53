import { ConfigError } from './config-error.js'
import { Secret } from './secret.js'

/** The password in a file or stream: all of it, but for a line end. `from` says in messages where it is. Throws ConfigError. */
export function passwordOf(content: Buffer, from: string): Secret {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content).replace(/\r?\n$/, '')
  } catch {
    throw new ConfigError(`The password in ${from} is not UTF-8.`)
  }
  if (text === '') throw new ConfigError(`There is no password in ${from}.`)
  // Whoever logs in with it would have to type it.
  if (/[\r\n\0]/.test(text)) throw new ConfigError(`The password in ${from} has more than one line.`)
  return new Secret(text)
}
