import { createRequire } from 'node:module'
import type { Codec } from './codec.js'
import { RecordsError } from './records-error.js'

// Packages with machine code are loaded at their first use: dlopen of the four costs half of a program's start, most
// programs use none or one of them, and where one is missing (another platform, `--omit=optional`) the rest works.
const require = createRequire(import.meta.url)

/** The package, or what went wrong; tried once, as a failed search costs hundreds of file lookups. */
export function lazyPackage<Module>(name: string): () => Module | Error {
  let loaded: Module | Error | undefined
  return () => (loaded ??= load<Module>(name))
}

/** The package that a codec needs; RecordsError `unavailable` with a hint where it does not load. */
export function codecPackage<Module>(codec: Codec, name: string): () => Module {
  const load = lazyPackage<Module & object>(name)
  return () => {
    const loaded = load()
    if (loaded instanceof Error) throw unavailable(codec, name, loaded)
    return loaded
  }
}

function load<Module>(name: string): Module | Error {
  try {
    return require(name) as Module
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function unavailable(codec: Codec, name: string, cause: Error): RecordsError {
  const platform = `${process.platform}-${process.arch}`
  const text = `Compression ${codec} is not available: the package ${name} does not load on this ${platform}.`
  const hint = `Install it here ("npm install ${name}"), or use gzip, which needs no package.`
  return new RecordsError('unavailable', `${text} ${hint}`, { cause })
}
