import { brokerMutants } from './broker-mutants.js'
import { clientMutants } from './client-mutants.js'
import { foundMutants } from './found-mutants.js'
import { groupMutants } from './group-mutants.js'
import type { Mutant } from './mutant.js'
import { transactionMutants } from './transaction-mutants.js'

export const allMutants: readonly Mutant[] = [
  ...groupMutants,
  ...brokerMutants,
  ...clientMutants,
  ...transactionMutants,
  ...foundMutants,
]
