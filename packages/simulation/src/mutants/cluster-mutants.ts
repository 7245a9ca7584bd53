import type { Mutant } from './mutant.js'

const broker = 'broker/dist/src'

/** Bugs of what several brokers share. */
export const clusterMutants: readonly Mutant[] = [
  {
    name: 'acknowledged before the database has confirmed it',
    file: `${broker}/storage/shared/lane.js`,
    find: 'const taken = await this.#outcome(sent);',
    replace: 'const taken = new Set(owners.map(({ term }) => term.partId)); void this.#outcome(sent);',
  },
]
