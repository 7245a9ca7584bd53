// Runs on Node's loader thread: puts one bug into one module while it is loaded.
import type { InitializeHook, LoadHook } from 'node:module'
import type { Change, Mutant } from './mutant.js'

let mutant: Mutant

export const initialize: InitializeHook<Mutant> = (data) => {
  mutant = data
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  const changes = [mutant, mutant.also].filter((one) => one && url.endsWith(`/packages/${one.file}`))
  if (changes.length === 0 || loaded.source === undefined) return loaded
  return { ...loaded, source: changes.reduce((source, change) => changed(source, change!), loaded.source.toString()) }
}

function changed(source: string, { file, find, replace }: Change): string {
  const parts = source.split(find)
  if (parts.length !== 2)
    throw new Error(`Mutant ${mutant.name}: its text is ${parts.length - 1} times in ${file}, not once.`)
  return parts.join(replace)
}
