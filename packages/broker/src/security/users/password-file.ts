import { ConfigError, Secret } from '@rivven/config'
import type { Disk } from '@rivven/runtime'

/** The password in a file: all of it, but for a line end. Throws ConfigError. */
export async function passwordFromFile(path: string, disk: Pick<Disk, 'readFile'>): Promise<Secret> {
  let content: Buffer
  try {
    content = await disk.readFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ConfigError(
      `The password file ${path} cannot be read: ${code === 'ENOENT' ? 'it is not there' : message}.`,
    )
  }
  return passwordOf(content, path)
}

/** `from` says in messages where it comes from. Throws ConfigError. */
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
