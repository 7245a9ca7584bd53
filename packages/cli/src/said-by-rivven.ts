import { RivvenError } from '@rivven/client'

/** What a broker of Rivven answers; undefined: these are others. */
export async function saidByRivven<Answer = unknown>(asking: Promise<unknown>): Promise<Answer | undefined> {
  try {
    return (await asking) as Answer
  } catch (error) {
    if (error instanceof RivvenError && error.code === 'UNSUPPORTED_BY_BROKER') return undefined
    throw error
  }
}
