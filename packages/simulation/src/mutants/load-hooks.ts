// Runs on Node's loader thread: puts one bug into one module while it is loaded.
import type { InitializeHook, LoadHook } from 'node:module'
import type { Mutant } from './mutant.js'

let mutant: Mutant

export const initialize: InitializeHook<Mutant> = (data) => {
  mutant = data
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  const change = [mutant, mutant.also].find((one) => one && url.endsWith(`/packages/${one.file}`))
  if (!change || loaded.source === undefined) return loaded
  const parts = loaded.source.toString().split(change.find)
  if (parts.length !== 2) {
    throw new Error(`Mutant ${mutant.name}: its text is ${parts.length - 1} times in ${change.file}, not once.`)
  }
  return { ...loaded, source: parts.join(change.replace) }
}
