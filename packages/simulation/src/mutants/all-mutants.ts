import { brokerMutants } from './broker-mutants.js'
import { clientMutants } from './client-mutants.js'
import { clusterMutants } from './cluster-mutants.js'
import { foundMutants } from './found-mutants.js'
import { groupMutants } from './group-mutants.js'
import type { Mutant } from './mutant.js'
import { resetMutants } from './reset-mutants.js'
import { securityMutants } from './security-mutants.js'
import { transactionMutants } from './transaction-mutants.js'

/** Those that a hunt is about when nobody names any. */
export const plantedMutants: readonly Mutant[] = [
  ...groupMutants,
  ...brokerMutants,
  ...clientMutants,
  ...transactionMutants,
  ...securityMutants,
  ...resetMutants,
  ...clusterMutants,
]

/** With the bugs that it took campaigns of thousands of seeds to find. */
export const allMutants: readonly Mutant[] = [...plantedMutants, ...foundMutants]

/** How many brokers there are in all seeds in which a bug is hunted: those that several share do not show with one. */
export function brokersFor(mutant: Mutant): number {
  return clusterMutants.includes(mutant) ? 3 : 1
}
