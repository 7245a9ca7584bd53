import { RivvenError, SeveralFailedError } from '@rivven/client'
import type { CommandContext } from './context.js'

/** Deletes all of these that can be, and says which are gone before it says why others are not. */
export async function deleteEach(
  { terminal }: CommandContext,
  kind: 'topic' | 'group',
  names: readonly string[],
  remove: (names: readonly string[]) => Promise<void>,
): Promise<void> {
  const wanted = [...new Set(names)]
  const tellGone = (gone: readonly string[]) => gone.length > 0 && terminal.words(`Deleted ${gone.join(', ')}.\n`)
  try {
    await remove(wanted)
    tellGone(wanted)
  } catch (error) {
    const failed = (error instanceof SeveralFailedError ? error.errors : [error]).map((each) =>
      each instanceof RivvenError ? each.facts[kind] : undefined,
    )
    // An error that is about none of them, of a connection say, leaves open what became of them.
    if (!failed.includes(undefined)) tellGone(wanted.filter((name) => !failed.includes(name)))
    throw error
  }
}
