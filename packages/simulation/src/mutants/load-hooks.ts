// Runs on Node's loader thread: puts one bug into one module while it is loaded.
import type { InitializeHook, LoadHook } from 'node:module'
import type { Mutant } from './mutant.js'

let mutant: Mutant

export const initialize: InitializeHook<Mutant> = (data) => {
  mutant = data
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  if (!url.endsWith(`/packages/${mutant.file}`) || loaded.source === undefined) return loaded
  const source = loaded.source.toString()
  const parts = source.split(mutant.find)
  if (parts.length !== 2) {
    throw new Error(`Mutant ${mutant.name}: its text is ${parts.length - 1} times in ${mutant.file}, not once.`)
  }
  return { ...loaded, source: parts.join(mutant.replace) }
}
