import { UsageError } from '../failure.js'
import { wholeOf } from './lines.js'
import { Stopped } from './stop.js'
import type { Terminal } from './terminal.js'

/** All that is in a file, or comes by standard input for `-`. A file that cannot be read is a mistake of the command line. */
export async function contentOf(terminal: Terminal, path: string): Promise<Buffer> {
  try {
    return await wholeOf(terminal.read(path))
  } catch (error) {
    if (error instanceof Stopped) throw error
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`)
  }
}
