// Loaded before everything else (node --import) in a process that runs a mutant.
import { register } from 'node:module'
import { allMutants } from './all-mutants.js'

const mutant = allMutants.find(({ name }) => name === process.env.RIVVEN_MUTANT)
if (!mutant) throw new Error(`There is no mutant ${process.env.RIVVEN_MUTANT}.`)
register('./load-hooks.js', import.meta.url, { data: mutant })
