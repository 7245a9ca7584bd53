import { ConfigError, passwordOf, type Secret } from '@rivven/config'
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
